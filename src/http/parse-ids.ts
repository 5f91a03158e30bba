import { isUuid } from '../text/uuid.ts';
import { type Fault, RequestError } from './request-error.ts';

/** Gives ids in lower case. Throws a `RequestError` that lists each id that is not a UUID. */
export function parseIds<K extends string>(ids: Readonly<Record<K, string | undefined>>): Record<K, string> {
  const faults: Fault[] = [];
  const parsed: Record<string, string> = {};
  for (const [path, id] of Object.entries<string | undefined>(ids)) {
    const lowerCase = id?.toLowerCase() ?? '';
    if (!isUuid(lowerCase)) faults.push({ path, message: 'must be a UUID' });
    parsed[path] = lowerCase;
  }
  if (faults.length > 0) {
    throw new RequestError(
      'invalid_ids',
      `Not a UUID: ${faults.map(({ path }) => path).join(', ')}.`,
      faults,
    );
  }
  return parsed;
}
