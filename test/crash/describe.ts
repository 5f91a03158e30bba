import type { Asked, Effect } from './evidence.ts';
import type { RecordRow } from './rows.ts';

// What a violation is said with, so that a person finds the rest by it.

export function describeEffect({ seq, iterationId, name, traceId }: Effect): string {
  return `effect ${seq}: iteration ${iterationId} took "${name}" from the attempt ${traceId ?? 'of a sweep'}`;
}

export function describeRecord({ renameId, iterationId, requestedName, status }: RecordRow): string {
  return `record ${renameId}: iteration ${iterationId}, "${requestedName}" is ${status}`;
}

export function describeAsked({ by, iterationId, name, key }: Asked): string {
  return `a ${by} who wants iteration ${iterationId} to be "${name}" (key ${key ?? 'none'})`;
}
