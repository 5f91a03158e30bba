import type { AuditLog, HeldLock, OpenRename } from './audit-log.ts';
import type { CompleteFromState, FoundState } from './complete-from-state.ts';
import { CONSEQUENCES } from './rename-consequence.ts';
import { RenameError } from './rename-error.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { ResumeRename } from './resume-rename.ts';
import type { RenameTimings } from './timings.ts';
import type { Upstream, UpstreamReading } from './upstream.ts';

/** Settles the abandoned rename behind a lock; true where the lock is gone afterwards, whoever settled it. */
export type SettleRename = (lock: HeldLock, report: ReportRenameEvent) => Promise<boolean>;

/** Between the two readings that must agree before a rename is called not applied. */
const SECOND_READING_AFTER_MS = 2000;
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
  upstream,
  timings,
  now,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'reopen'>;
  readonly resume: ResumeRename;
  readonly completeFromState: CompleteFromState;
  readonly upstream: Upstream;
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
    await completeFromState(open, found, report);
    return true;
  };

  async function carryOut(open: OpenRename, report: ReportRenameEvent): Promise<boolean> {
    try {
      await resume(open, null, report);
      return true;
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      return CONSEQUENCES[error.code] === 'ended';
    }
  }

  async function findOut(open: OpenRename): Promise<FoundState | null> {
    const first = await read(open);
    if (first.kind !== 'iteration') return null;
    if (first.iteration.name === open.intent.requestedName) {
      return { status: 'succeeded', iteration: first.iteration };
    }
    await sleep(SECOND_READING_AFTER_MS);
    const second = await read(open);
    if (second.kind !== 'iteration') return null;
    const shows = second.iteration.name === open.intent.requestedName;
    return { status: shows ? 'succeeded' : 'not_applied', iteration: second.iteration };
  }

  async function read({ intent }: OpenRename): Promise<UpstreamReading> {
    const call = upstream.call(intent, null);
    const reading = await call.read();
    call.abandon();
    return reading;
  }
}
