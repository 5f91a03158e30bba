import type { AuditLog, HeldLock, OpenRename } from '../audit-log.ts';
import { awaitTurn } from '../queued/await-turn.ts';
import type { CompleteFromState, FoundState } from './complete-from-state.ts';
import { type LookAtIteration, showsName } from './look-at-iteration.ts';
import { CONSEQUENCES } from '../queued/rename-consequence.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { Admission } from '../rename-iteration.ts';
import type { ResumeRename } from './resume-rename.ts';
import type { RenameTimings } from '../rename-timings.ts';

/** Settles the abandoned rename behind a lock; true where the lock is gone afterwards, whoever settled it. */
export type SettleRename = (lock: HeldLock, report: ReportRenameEvent) => Promise<boolean>;

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
  admission,
  timings,
  now,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'reopen'>;
  readonly resume: ResumeRename;
  readonly completeFromState: CompleteFromState;
  readonly look: Pick<LookAtIteration, 'twice'>;
  readonly admission: Admission;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SettleRename {
  return async function settleRename(lock, report) {
    // The versions are taken before the reading: if the sender, or another sweep, writes meanwhile, ours is refused.
    const open = await log.reopen(lock);
    if (open === null) return true;
    if (now() - open.hold.heldSinceMs < timings.quarantineMs) return false;

    const isQueued = open.intent.trigger !== 'http' && !open.hold.isGivenUp;
    if (isQueued && (await carryOut(open, report))) return true;
    const found = isQueued ? null : await findOut(open);
    const sinceRequestedMs = now() - Date.parse(open.intent.requestedAt);
    if (found === null && sinceRequestedMs < UNRESOLVED_AFTER_MS) return false;
    return (await completeFromState(open, found, report)) || (await log.reopen(lock)) === null;
  };

  async function carryOut(open: OpenRename, report: ReportRenameEvent): Promise<boolean> {
    try {
      await awaitTurn(admission, now, sleep);
      await resume(open, null, report);
      return true;
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      return CONSEQUENCES[error.code] === 'ended';
    }
  }

  async function findOut({ intent }: OpenRename): Promise<FoundState | null> {
    const reading = await look.twice(intent, null);
    if (reading.kind !== 'iteration') return null;
    const { iteration } = reading;
    return { status: showsName(reading, intent) ? 'succeeded' : 'not_applied', iteration };
  }
}
