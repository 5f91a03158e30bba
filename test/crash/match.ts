import type { Asked, Effect } from './evidence.ts';
import type { RecordRow } from './rows.ts';

/**
 * A caller's record belongs to the attempt with its trace id; a queued rename is carried out by any of its
 * messages, or by the sweep.
 */
export function isOf(effect: Effect, record: RecordRow): boolean {
  return isOfSameName(effect, record) && (record.trigger !== 'http' || record.traceId === effect.traceId);
}

export function isOfSameName(effect: Effect, { projectId, iterationId, requestedName }: RecordRow): boolean {
  return groupKey(effect) === groupKey({ projectId, iterationId, name: requestedName });
}

/** Equal for all renames of one iteration to one name. */
export function groupKey({
  projectId,
  iterationId,
  name,
}: Pick<Asked, 'projectId' | 'iterationId' | 'name'>): string {
  return `${projectId} ${iterationId} ${name}`;
}
