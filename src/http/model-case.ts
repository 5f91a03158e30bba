import { iterationSchema } from '../custom-vision/iteration.schema.ts';
import { jsonPointer } from '../json/json-pointer.ts';
import { malformedBody } from './request-error.ts';

const NAMES = new Map(Object.keys(iterationSchema.properties).map((name) => [name.toLowerCase(), name]));

/**
 * The properties of a body under the names of the model, in whatever letter case they came: .NET reads JSON
 * so, and the service is written in it. Throws a `RequestError` for a property that came in two letter cases.
 */
export function inModelCase(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = new Map<string, unknown>();
  for (const [sent, value] of Object.entries(properties)) {
    const name = NAMES.get(sent.toLowerCase()) ?? sent;
    if (named.has(name)) {
      const fault = { path: jsonPointer([name]), message: 'occurs more than once' };
      throw malformedBody('The body names a property more than once.', [fault]);
    }
    named.set(name, value);
  }
  return Object.fromEntries(named);
}
