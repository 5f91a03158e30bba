import type { AuditLog } from '../audit-log.ts';
import type { RenameOutcome } from '../audit-record.ts';
import type { CompleteFromState } from '../recovery/complete-from-state.ts';
import { intentOfQueued, type QueuedRename } from './queued-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';

/** Ends a queued rename whose tries are used up: false where the sweep has yet to find out what became of it. Rejects where the record cannot be written. */
export type GiveUpRename = (queued: QueuedRename, report: ReportRenameEvent) => Promise<boolean>;

const NEVER_BEGUN = 'Each attempt failed before the rename could be begun. Nothing was sent.';

export function createGiveUpRename({
  log,
  settle,
  completeFromState,
  now,
}: {
  readonly log: Pick<AuditLog, 'recordEnded' | 'readPending' | 'giveUp'>;
  readonly settle: SettleRename;
  readonly completeFromState: CompleteFromState;
  readonly now: () => number;
}): GiveUpRename {
  return async function giveUpRename(queued, report) {
    const intent = intentOfQueued(queued);
    if (await log.recordEnded(intent, neverBegun(queued))) return true;

    const pending = await log.readPending(intent);
    if (pending === null) return true;
    const { lastFailure, isReleased } = pending.lease;
    if (isReleased) {
      const message = `Each attempt failed, the last with: ${lastFailure ?? 'unknown'}. Nothing was applied.`;
      const found = { status: 'not_applied', iteration: null, previousName: null, message } as const;
      if (await completeFromState(pending, found, report)) return true;
    } else {
      await log.giveUp(pending);
      await settle(pending.lease, report).catch(() => false);
    }
    return (await log.readPending(intent)) === null;
  };

  function neverBegun({ requestedAt }: QueuedRename): RenameOutcome {
    return {
      status: 'not_applied',
      previousName: null,
      appliedName: null,
      completedAt: new Date(now()).toISOString(),
      durationMs: Math.max(0, now() - Date.parse(requestedAt)),
      attempts: 0,
      upstreamStatus: null,
      upstreamCode: null,
      upstreamMessage: NEVER_BEGUN,
      upstreamRequestId: null,
      evidence: null,
    };
  }
}
