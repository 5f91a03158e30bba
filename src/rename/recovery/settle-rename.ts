import type { AuditLog, Lease } from '../audit-log.ts';
import { CONSEQUENCES } from '../queued/rename-consequence.ts';
import type { RateLimit } from '../rate-limit.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { CompleteFromState } from './complete-from-state.ts';
import type { FindOutcome } from './find-outcome.ts';
import type { ResumeRename } from './resume-rename.ts';

/**
 * Settles the abandoned rename behind a lock; true where the lock is gone afterwards, whichever process
 * settled it.
 */
export type SettleRename = (
  lease: Pick<Lease, 'projectId' | 'iterationId' | 'renameId'>,
  report: ReportRenameEvent,
) => Promise<boolean>;

/**
 * Finds out what became of a rename whose lease has expired, by reading the iteration, and completes its
 * record. A queued rename that was not applied is sent instead, unless its message was given up.
 */
export function createSettleRename({
  log,
  resume,
  completeFromState,
  findOutcome,
  rateLimit,
  monotonic,
}: {
  readonly log: Pick<AuditLog, 'readPending'>;
  readonly resume: ResumeRename;
  readonly completeFromState: CompleteFromState;
  readonly findOutcome: FindOutcome;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly monotonic: () => number;
}): SettleRename {
  return async function settleRename(lease, report) {
    // The version is taken before the reading: if the sender, or another sweep, writes meanwhile, ours is
    // refused.
    const pending = await log.readPending(lease);
    if (pending === null) return true;
    if (pending.lease.expiresAtMs > monotonic()) return false;

    if (pending.intent.trigger !== 'http' && !pending.isGivenUp) {
      try {
        await rateLimit.take(pending.intent.resource, pending.intent.caller.id);
        await resume(pending, null, report);
        return true;
      } catch (error) {
        if (!(error instanceof RenameError)) throw error;
        return CONSEQUENCES[error.code] === 'done';
      }
    }
    const found = await findOutcome(pending, null);
    if (found.status === 'unreadable') return false;
    return (await completeFromState(pending, found, report)) || (await log.readPending(lease)) === null;
  };
}
