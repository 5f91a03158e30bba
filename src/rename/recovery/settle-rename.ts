import type { AuditLog, Lease, PendingRename } from '../audit-log.ts';
import { awaitTurn } from '../queued/await-turn.ts';
import type { CompleteFromState, FoundState } from './complete-from-state.ts';
import { type LookAtIteration, showsName } from './look-at-iteration.ts';
import { CONSEQUENCES } from '../queued/rename-consequence.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RateLimit } from '../rate-limit.ts';
import type { ResumeRename } from './resume-rename.ts';
import type { RenameTimings } from '../rename-timings.ts';

/** Settles the abandoned rename behind a lock; true where the lock is gone afterwards, whoever settled it. */
export type SettleRename = (lock: Lease, report: ReportRenameEvent) => Promise<boolean>;

/** After this long without a way to find out, a person has to. */
const UNRESOLVED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Finds out what became of a rename whose sender is gone, by reading the iteration, and completes its record. A queued rename is
 * carried out instead, unless its message was given up: nobody else would do it.
 */
export function createSettleRename({
  log,
  resume,
  completeFromState,
  look,
  rateLimit,
  timings,
  now,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'readPending'>;
  readonly resume: ResumeRename;
  readonly completeFromState: CompleteFromState;
  readonly look: Pick<LookAtIteration, 'twice'>;
  readonly rateLimit: RateLimit;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SettleRename {
  return async function settleRename(lock, report) {
    // The versions are taken before the reading: if the sender, or another sweep, writes meanwhile, ours is refused.
    const pending = await log.readPending(lock);
    if (pending === null) return true;
    if (now() - pending.lease.leasedAtMs < timings.leaseMs) return false;

    const isQueued = pending.intent.trigger !== 'http' && !pending.lease.isGivenUp;
    if (isQueued && (await carryOut(pending, report))) return true;
    const found = isQueued ? null : await findOut(pending);
    const sinceRequestedMs = now() - Date.parse(pending.intent.requestedAt);
    if (found === null && sinceRequestedMs < UNRESOLVED_AFTER_MS) return false;
    return (await completeFromState(pending, found, report)) || (await log.readPending(lock)) === null;
  };

  async function carryOut(pending: PendingRename, report: ReportRenameEvent): Promise<boolean> {
    try {
      await awaitTurn(rateLimit, now, sleep);
      await resume(pending, null, report);
      return true;
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      return CONSEQUENCES[error.code] === 'done';
    }
  }

  async function findOut({ intent }: PendingRename): Promise<FoundState | null> {
    const reading = await look.twice(intent, null);
    if (reading.kind !== 'iteration') return null;
    const { iteration } = reading;
    return { status: showsName(reading, intent) ? 'succeeded' : 'not_applied', iteration };
  }
}
