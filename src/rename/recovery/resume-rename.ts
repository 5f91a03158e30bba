import { type AuditLog, type OpenRename, PUT_DOWN } from '../audit-log.ts';
import type { CompleteFromState } from './complete-from-state.ts';
import { answerCaller } from '../judge-answer.ts';
import { type LookAtIteration, showsName } from './look-at-iteration.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { SendRename } from '../send-rename.ts';
import type { RenameTimings } from '../rename-timings.ts';
import type { Upstream } from '../upstream.ts';

/** Takes a queued rename up again whose quarantine is over. Resolves once its record has ended, throws a `RenameError` where it has not. */
export type ResumeRename = (
  open: OpenRename,
  traceparent: string | null,
  report: ReportRenameEvent,
) => Promise<void>;

export function createResumeRename({
  log,
  send,
  completeFromState,
  look,
  upstream,
  timings,
  now,
}: {
  readonly log: Pick<AuditLog, 'rehold'>;
  readonly send: SendRename;
  readonly completeFromState: CompleteFromState;
  readonly look: LookAtIteration;
  readonly upstream: Upstream;
  readonly timings: RenameTimings;
  readonly now: () => number;
}): ResumeRename {
  return async function resumeRename(open, traceparent, report) {
    const { renameId } = open.intent;
    const startedMs = now();
    // Of one that was put down nothing was heard: where the iteration has the name by now, somebody else gave it.
    const mayHaveBeenHeard = open.hold.heldSinceMs !== PUT_DOWN;
    const reading = await (mayHaveBeenHeard
      ? look.twice(open.intent, traceparent)
      : look.once(open.intent, traceparent));
    if (reading.kind === 'unavailable') throw new RenameError('upstream_unreachable', { renameId });
    if (mayHaveBeenHeard && reading.kind === 'iteration' && showsName(reading, open.intent)) {
      const found = { status: 'succeeded', iteration: reading.iteration } as const;
      if (await completeFromState(open, found, report)) return;
      throw inOtherHands(renameId);
    }
    const held = await rehold({ ...open, hold: { ...open.hold, heldSinceMs: now() } });
    const answer = await send({
      open: held,
      call: upstream.call(open.intent, traceparent),
      before: async () => reading,
      startedMs,
      report,
    });
    answerCaller(answer, renameId, timings.quarantineMs);
  };

  /** From here on the quarantine counts anew, and whoever read the record before cannot complete it. */
  async function rehold(open: OpenRename): Promise<OpenRename> {
    let held;
    try {
      held = await log.rehold(open, open.hold);
    } catch (error) {
      throw new RenameError('audit_unavailable', { renameId: open.intent.renameId, cause: error });
    }
    if (held === null) throw inOtherHands(open.intent.renameId);
    return held;
  }
}

const LOOK_AGAIN_AFTER_MS = 1000;

function inOtherHands(renameId: string): RenameError {
  return new RenameError('idempotency_key_in_flight', { renameId, retryAfterMs: LOOK_AGAIN_AFTER_MS });
}
