import type { RenameIntent, RenameOutcome } from '../audit-record.ts';

/** The outcome of a rename that was never sent. `message` is in our own words, for the record. */
export function notAppliedOutcome(
  { requestedAt }: RenameIntent,
  message: string,
  nowMs: number,
): RenameOutcome {
  return {
    status: 'not_applied',
    previousName: null,
    appliedName: null,
    completedAt: new Date(nowMs).toISOString(),
    durationMs: Math.max(0, nowMs - Date.parse(requestedAt)),
    attempts: 0,
    upstreamStatus: null,
    upstreamCode: null,
    upstreamMessage: message,
    upstreamRequestId: null,
    evidence: null,
  };
}
