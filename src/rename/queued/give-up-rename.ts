import type { AuditLog, PendingRename } from '../audit-log.ts';
import type { CompleteFromState } from '../recovery/complete-from-state.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { AcceptedLog } from './accepted-log.ts';
import { notAppliedOutcome } from './not-applied-outcome.ts';
import type { RenamePointer } from './queued-rename.ts';

/**
 * Ends a queued rename whose attempts are used up: false where the sweep has yet to find its outcome. Rejects
 * where the record cannot be written.
 */
export type GiveUpRename = (pointer: RenamePointer, report: ReportRenameEvent) => Promise<boolean>;

const NEVER_BEGUN = 'Each attempt failed before the rename could be begun. Nothing was sent.';

export function createGiveUpRename({
  log,
  accepted,
  settle,
  completeFromState,
  now,
}: {
  readonly log: Pick<AuditLog, 'readPending' | 'giveUp'>;
  readonly accepted: Pick<AcceptedLog, 'find' | 'end'>;
  readonly settle: SettleRename;
  readonly completeFromState: CompleteFromState;
  readonly now: () => number;
}): GiveUpRename {
  return async function giveUpRename(pointer, report) {
    const found = await accepted.find(pointer);
    switch (found.kind) {
      case 'nothing':
      case 'ended':
        return true;
      case 'accepted':
        return accepted.end(found.accepted, notAppliedOutcome(found.accepted.intent, NEVER_BEGUN, now()));
      case 'begun':
        return giveUpBegun(found.pending, report);
    }
  };

  async function giveUpBegun(pending: PendingRename, report: ReportRenameEvent): Promise<boolean> {
    const { lastFailure, isReleased } = pending.lease;
    if (isReleased) {
      const message = `Each attempt failed, the last with: ${lastFailure ?? 'unknown'}. Nothing was applied.`;
      const found = { status: 'not_applied', iteration: null, previousName: null, message } as const;
      if (await completeFromState(pending, found, report)) return true;
    } else {
      await log.giveUp(pending);
      await settle(pending.lease, report).catch(() => false);
    }
    return (await log.readPending(pending.intent)) === null;
  }
}
