import type { Asked, Effect } from './evidence.ts';
import type { RecordRow } from './rows.ts';

// The words of a violation, with the ids that lead to the rows and requests.

export function describeEffect({ seq, iterationId, name, traceId }: Effect): string {
  return `effect ${seq}: iteration ${iterationId} took "${name}" from the attempt ${traceId ?? 'of a sweep'}`;
}

export function describeRecord({ renameId, iterationId, requestedName, status }: RecordRow): string {
  return `record ${renameId}: iteration ${iterationId}, "${requestedName}" is ${status}`;
}

export function describeAsked({ by, iterationId, name, key }: Asked): string {
  return `a ${by} that renames iteration ${iterationId} to "${name}" (key ${key ?? 'none'})`;
}

/** What each attempt was answered. */
export function describeAnswers({ attempts }: Asked): string {
  return attempts
    .map(({ traceId, status, renameId }) => `${traceId} ${status ?? 'none'} (${renameId ?? 'no rename'})`)
    .join(', ');
}
