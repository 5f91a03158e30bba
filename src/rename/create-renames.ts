import type { AuditLog } from './audit-log.ts';
import { createBeginRename } from './begin-rename.ts';
import { createCarryOutRename } from './queued/carry-out-rename.ts';
import { createCompleteFromState } from './recovery/complete-from-state.ts';
import { createGiveUpRename } from './queued/give-up-rename.ts';
import { createLookAtIteration } from './recovery/look-at-iteration.ts';
import { type RateLimit } from './rate-limit.ts';
import { createRenameIteration } from './rename-iteration.ts';
import { createResumeRename } from './recovery/resume-rename.ts';
import { createSendRename } from './send-rename.ts';
import { createSettleRename } from './recovery/settle-rename.ts';
import type { RenameTimings } from './rename-timings.ts';
import type { Upstream } from './upstream.ts';

/** All ways to rename, and to finish what was left unfinished, on one audit log, one upstream and one rateLimit. */
export function createRenames(outside: {
  readonly log: AuditLog;
  readonly upstream: Upstream;
  readonly rateLimit: RateLimit;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newRenameId: (nowMs: number) => string;
}) {
  const { log, timings, now, newRenameId } = outside;
  const send = createSendRename(outside);
  const completeFromState = createCompleteFromState({ log, now });
  const look = createLookAtIteration(outside);
  const resume = createResumeRename({ ...outside, send, completeFromState, look });
  const settle = createSettleRename({ ...outside, resume, completeFromState, look });
  const begin = createBeginRename({ log, settle, timings, now });
  return {
    /** For a caller who waits. */
    rename: createRenameIteration({
      ...outside,
      begin,
      send,
      leaseMs: timings.leaseMs,
      newRenameId,
    }),
    /** For the queue. */
    carryOut: createCarryOutRename({ ...outside, send, resume, settle }),
    /** For what the queue gave up. */
    giveUp: createGiveUpRename({ log, settle, completeFromState, now }),
    /** For the sweep. */
    settle,
  };
}
