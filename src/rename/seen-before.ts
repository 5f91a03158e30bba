import { judgeState, latestTimeOf } from './recovery/judge-state.ts';
import { type RenamedIteration, type SeenIteration, seen, type UpstreamReading } from './upstream.ts';

/**
 * The iteration as it was before a rename. The reading starts together with the begin and may be answered
 * after the PATCH, and after what somebody else changed then: it counts only where the iteration was not
 * modified since the begin.
 */
export function seenBefore(
  reading: UpstreamReading | null,
  requestedName: string,
  sinceBegunMs: number,
): SeenIteration | null {
  if (reading?.kind !== 'iteration') return null;
  const verdict = judgeState(reading, { requestedName, before: null, lastKnown: null, sinceBegunMs });
  return verdict === 'not_applied' ? seen(reading.iteration) : null;
}

/** Whether the reading shows the iteration as the rename left it, or as it was changed after that. */
export function isFromAfter(reading: RenamedIteration, renamed: RenamedIteration | null): boolean {
  if (renamed === null) return false;
  const readMs = latestTimeOf(seen(reading).lastModified);
  const renamedMs = latestTimeOf(seen(renamed).lastModified);
  return readMs !== null && renamedMs !== null && readMs >= renamedMs;
}
