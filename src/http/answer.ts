import type { HttpResponseInit } from '@azure/functions';
import { formatDocument, formatElement, formatIterationXml } from '../custom-vision/iteration-xml.ts';
import { iterationSchema } from '../custom-vision/iteration.schema.ts';
import type { RenamedIteration } from '../rename/upstream.ts';
import { isXml, preferredMediaType } from './negotiate.ts';
import type { Fault } from './request-error.ts';

/** The service's own CustomVisionError, which its SDKs parse, with additions. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly Fault[];
  readonly renameId?: string;
}

export const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  vary: 'accept',
};

export function answerIteration(
  iteration: RenamedIteration,
  accept: string | null,
  headers: Readonly<Record<string, string>>,
): HttpResponseInit {
  const write = { json: () => inSchemaOrder(iteration), xml: () => formatIterationXml(iteration) };
  return answerNegotiated(200, accept, write, headers);
}

export function answerJson(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): HttpResponseInit {
  return {
    status,
    headers: { ...COMMON_HEADERS, ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

export function answerError(
  status: number,
  body: ErrorBody,
  accept: string | null,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  const write = {
    json: () => body,
    xml: () =>
      formatDocument(
        'CustomVisionError',
        Object.entries(body)
          .map(([key, value]) => formatElement(key, value))
          .join(''),
      ),
  };
  return answerNegotiated(status, accept, write, headers);
}

/** Orders the properties as the schema does; properties unknown to the schema come last. */
function inSchemaOrder(iteration: RenamedIteration): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const key of Object.keys(iterationSchema.properties)) {
    if (Object.hasOwn(iteration, key)) ordered[key] = iteration[key];
  }
  return { ...ordered, ...iteration };
}

/** Answers JSON, or XML where `Accept` prefers it. */
export function answerNegotiated(
  status: number,
  accept: string | null,
  write: { readonly json: () => unknown; readonly xml: () => string },
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  const mediaType = preferredMediaType(accept);
  return {
    status,
    headers: { ...COMMON_HEADERS, ...headers, 'content-type': `${mediaType}; charset=utf-8` },
    body: isXml(mediaType) ? write.xml() : JSON.stringify(write.json()),
  };
}
