import type { AuditLog } from './audit-log.ts';
import { createBeginRename } from './begin-rename.ts';
import type { AcceptedLog } from './queued/accepted-log.ts';
import { createCarryOutRename } from './queued/carry-out-rename.ts';
import { createGiveUpRename } from './queued/give-up-rename.ts';
import type { RecheckRename } from './queued/recheck-rename.ts';
import type { RateLimit } from './rate-limit.ts';
import { createCompleteFromState } from './recovery/complete-from-state.ts';
import { createFindOutcome } from './recovery/find-outcome.ts';
import { createLookAtIteration } from './recovery/look-at-iteration.ts';
import { createResumeRename } from './recovery/resume-rename.ts';
import { createSettleRename } from './recovery/settle-rename.ts';
import { createKnownConflicts } from './known-conflicts.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import { createRenameIteration } from './rename-iteration.ts';
import type { RenameTimings } from './rename-timings.ts';
import { createSendRename } from './send-rename.ts';
import type { Upstream } from './upstream.ts';

/** What all ways to rename share. */
export interface RenameDependencies {
  readonly log: AuditLog;
  readonly accepted: AcceptedLog;
  readonly recheck: RecheckRename;
  readonly upstream: Upstream;
  readonly rateLimit: RateLimit;
  readonly timings: RenameTimings;
  /** Wall clock, epoch ms: for people to read in the record, never for a decision. */
  readonly now: () => number;
  /** Ms since any moment of this process; no correction of the clock moves it. */
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newRenameId: (nowMs: number) => string;
  /** Of what happens after the answer to a request, whose own log is closed then. */
  readonly reportLate: ReportRenameEvent;
}

/**
 * All ways to rename, and to finish what was left unfinished, on one audit log, one upstream and one rate
 * limit.
 */
export function createRenames(dependencies: RenameDependencies) {
  const send = createSendRename(dependencies);
  const completeFromState = createCompleteFromState(dependencies);
  const look = createLookAtIteration(dependencies);
  const findOutcome = createFindOutcome({ ...dependencies, look });
  const resume = createResumeRename({ ...dependencies, send, completeFromState, findOutcome, look });
  const settle = createSettleRename({ ...dependencies, resume, completeFromState, findOutcome });
  const conflicts = createKnownConflicts(dependencies);
  const begin = createBeginRename({ ...dependencies, settle });
  return {
    /** For a caller who waits. */
    rename: createRenameIteration({ ...dependencies, begin, send, conflicts }),
    /** For the queue. */
    carryOut: createCarryOutRename({ ...dependencies, send, resume, settle }),
    /** For what the queue gave up. */
    giveUp: createGiveUpRename({ ...dependencies, settle, completeFromState }),
    /** For the sweep. */
    settle,
  };
}
