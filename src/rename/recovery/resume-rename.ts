import { type AuditLog, type PendingRename, RELEASED } from '../audit-log.ts';
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
  pending: PendingRename,
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
  readonly log: Pick<AuditLog, 'renewLease'>;
  readonly send: SendRename;
  readonly completeFromState: CompleteFromState;
  readonly look: LookAtIteration;
  readonly upstream: Upstream;
  readonly timings: RenameTimings;
  readonly now: () => number;
}): ResumeRename {
  return async function resumeRename(pending, traceparent, report) {
    const { renameId } = pending.intent;
    const startedMs = now();
    // Of one that was put down nothing was heard: where the iteration has the name by now, somebody else gave it.
    const mayHaveBeenHeard = pending.lease.leasedAtMs !== RELEASED;
    const reading = await (mayHaveBeenHeard
      ? look.twice(pending.intent, traceparent)
      : look.once(pending.intent, traceparent));
    if (reading.kind === 'unavailable') throw new RenameError('upstream_unreachable', { renameId });
    if (mayHaveBeenHeard && reading.kind === 'iteration' && showsName(reading, pending.intent)) {
      const found = { status: 'succeeded', iteration: reading.iteration } as const;
      if (await completeFromState(pending, found, report)) return;
      throw inOtherHands(renameId);
    }
    const renewed = await renewLease({ ...pending, lease: { ...pending.lease, leasedAtMs: now() } });
    const answer = await send({
      pending: renewed,
      call: upstream.call(pending.intent, traceparent),
      before: async () => reading,
      startedMs,
      report,
    });
    answerCaller(answer, renameId, timings.leaseMs);
  };

  /** From here on the quarantine counts anew, and whoever read the record before cannot complete it. */
  async function renewLease(pending: PendingRename): Promise<PendingRename> {
    let renewed;
    try {
      renewed = await log.renewLease(pending, pending.lease);
    } catch (error) {
      throw new RenameError('audit_unavailable', { renameId: pending.intent.renameId, cause: error });
    }
    if (renewed === null) throw inOtherHands(pending.intent.renameId);
    return renewed;
  }
}

const LOOK_AGAIN_AFTER_MS = 1000;

function inOtherHands(renameId: string): RenameError {
  return new RenameError('idempotency_key_in_flight', { renameId, retryAfterMs: LOOK_AGAIN_AFTER_MS });
}
