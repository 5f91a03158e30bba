import type { HttpResponseInit } from '@azure/functions';
import { formatDocument, formatProperties } from '../custom-vision/iteration-xml.ts';
import { iterationSchema } from '../custom-vision/iteration.schema.ts';
import { type Found, isList } from '../custom-vision/parse-found.ts';
import { projectSchema } from '../custom-vision/project.schema.ts';
import { answerNegotiated } from './answer.ts';

const PROPERTIES = {
  Project: Object.keys(projectSchema.properties),
  Iteration: Object.keys(iterationSchema.properties),
} as const satisfies Record<Found['model'], readonly string[]>;

/** What a look-up found: JSON as the service gave it, or XML in the order of its model. */
export function answerFound({ model, found }: Found, accept: string | null): HttpResponseInit {
  const inside = (one: Readonly<Record<string, unknown>>) => formatProperties(one, PROPERTIES[model]);
  return answerNegotiated(200, accept, {
    json: () => found,
    xml: () =>
      isList(found)
        ? formatDocument(
            `ArrayOf${model}`,
            found.map((one) => `<${model}>${inside(one)}</${model}>`).join(''),
          )
        : formatDocument(model, inside(found)),
  });
}
