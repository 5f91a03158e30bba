import type { Asked, Effect } from './evidence.ts';
import type { RecordRow } from './rows.ts';

/** A caller's record is bound to its attempt by the trace; a queued one is carried out by whichever message comes first, or by the sweep. */
export function isOf(effect: Effect, record: RecordRow): boolean {
  return isOfSameName(effect, record) && (record.trigger !== 'http' || record.traceId === effect.traceId);
}

export function isOfSameName(effect: Effect, { projectId, iterationId, requestedName }: RecordRow): boolean {
  return groupKey(effect) === groupKey({ projectId, iterationId, name: requestedName });
}

/** The same for all that want the very same name of the same iteration. */
export function groupKey({
  projectId,
  iterationId,
  name,
}: Pick<Asked, 'projectId' | 'iterationId' | 'name'>): string {
  return `${projectId} ${iterationId} ${name}`;
}
