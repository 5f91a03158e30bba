import { type AuditLog, RELEASED } from '../audit-log.ts';
import type { RenameOutcome } from '../audit-record.ts';
import type { CompleteFromState } from '../recovery/complete-from-state.ts';
import { intentOfQueued, type QueuedRename } from './queued-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';

/** Ends a queued rename whose tries are used up: false where the sweep has yet to find out what became of it. Rejects where the record cannot be written. */
export type GiveUpRename = (queued: QueuedRename, report: ReportRenameEvent) => Promise<boolean>;

const NEVER_BEGUN = 'Each try failed before the rename could be begun. Nothing was sent.';

export function createGiveUpRename({
  log,
  settle,
  completeFromState,
  now,
}: {
  readonly log: Pick<AuditLog, 'recordEnded' | 'readPending' | 'renewLease'>;
  readonly settle: SettleRename;
  readonly completeFromState: CompleteFromState;
  readonly now: () => number;
}): GiveUpRename {
  return async function giveUpRename(queued, report) {
    const intent = intentOfQueued(queued);
    if (await log.recordEnded(intent, neverBegun(queued))) return true;

    const { projectId, iterationId, renameId } = intent;
    const lock = { projectId, iterationId, renameId, leasedAtMs: now() };
    const pending = await log.readPending(lock);
    if (pending === null) return true;
    if (pending.lease.leasedAtMs === RELEASED) {
      const message = `Each try failed, the last with: ${pending.lease.lastFailure ?? 'unknown'}. Nothing was applied.`;
      const found = { status: 'not_applied', iteration: null, message } as const;
      if (await completeFromState(pending, found, report)) return true;
    } else {
      await log.renewLease(pending, { ...pending.lease, isGivenUp: true });
      await settle(lock, report).catch(() => false);
    }
    return (await log.readPending(lock)) === null;
  };

  function neverBegun({ requestedAt }: QueuedRename): RenameOutcome {
    return {
      status: 'not_applied',
      previousName: null,
      completedAt: new Date(now()).toISOString(),
      durationMs: now() - Date.parse(requestedAt),
      attempts: 0,
      upstreamStatus: null,
      upstreamCode: null,
      upstreamMessage: NEVER_BEGUN,
      upstreamRequestId: null,
      evidence: null,
    };
  }
}
