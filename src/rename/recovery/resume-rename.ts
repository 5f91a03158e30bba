import type { AuditLog, PendingRename } from '../audit-log.ts';
import { answerCaller } from '../judge-answer.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenameTimings } from '../rename-timings.ts';
import type { SendRename } from '../send-rename.ts';
import { seen, type Upstream, type UpstreamReading } from '../upstream.ts';
import type { RecheckRename } from '../queued/recheck-rename.ts';
import type { CompleteFromState } from './complete-from-state.ts';
import type { FindOutcome } from './find-outcome.ts';
import type { LookAtIteration } from './look-at-iteration.ts';

/**
 * Resumes a queued rename whose lease has expired. Resolves once its record has ended, throws a `RenameError`
 * where it has not.
 */
export type ResumeRename = (
  pending: PendingRename,
  traceparent: string | null,
  report: ReportRenameEvent,
) => Promise<void>;

export function createResumeRename({
  log,
  send,
  completeFromState,
  findOutcome,
  look,
  upstream,
  recheck,
  timings,
  monotonic,
}: {
  readonly log: Pick<AuditLog, 'renewLease'>;
  readonly send: SendRename;
  readonly completeFromState: CompleteFromState;
  readonly findOutcome: FindOutcome;
  readonly look: Pick<LookAtIteration, 'once'>;
  readonly upstream: Upstream;
  readonly recheck: RecheckRename;
  readonly timings: RenameTimings;
  readonly monotonic: () => number;
}): ResumeRename {
  return async function resumeRename(pending, traceparent, report) {
    const { intent, lease } = pending;
    const { renameId } = intent;
    const startedMs = monotonic();
    let reading: UpstreamReading;
    if (lease.isReleased) {
      // A released rename never reached the upstream: if the iteration has its name, another request gave it.
      reading = await look.once(intent, traceparent);
    } else {
      const found = await findOutcome(pending, traceparent);
      if (found.status === 'unreadable') throw notReadable(renameId, found.reading);
      if (found.status !== 'not_applied') {
        if (await completeFromState(pending, found, report)) return;
        throw inOtherHands(renameId);
      }
      reading = { kind: 'iteration', iteration: found.iteration, answeredAtMs: null };
    }
    if (reading.kind === 'unavailable' || reading.kind === 'throttled') throw notReadable(renameId, reading);
    const refusal = recheck(intent, pending.parties);
    if (refusal !== null) {
      const previousName = reading.kind === 'iteration' ? reading.iteration.name : null;
      const ended = { status: 'not_applied', iteration: null, previousName, message: refusal } as const;
      if (await completeFromState(pending, ended, report)) return;
      throw inOtherHands(renameId);
    }

    const leasedAtMs = monotonic();
    const renewed = await renewLease(pending, reading);
    const { answer } = await send({
      pending: renewed,
      leasedAtMs,
      call: upstream.call(intent, traceparent),
      before: async () => reading,
      givenName: null,
      startedMs,
      report,
    });
    answerCaller(answer, renameId);
  };

  /** The lease counts anew, and a process that read the record before cannot complete it. */
  async function renewLease(pending: PendingRename, reading: UpstreamReading): Promise<PendingRename> {
    const before = reading.kind === 'iteration' ? seen(reading.iteration) : null;
    const { renameId } = pending.intent;
    let renewed;
    try {
      renewed = await log.renewLease(pending, { durationMs: timings.leaseMs, before });
    } catch (error) {
      throw new RenameError('audit_unavailable', { renameId, cause: error });
    }
    if (renewed === null) throw inOtherHands(renameId);
    return renewed;
  }
}

function inOtherHands(renameId: string): RenameError {
  return new RenameError('idempotency_key_in_flight', { renameId });
}

function notReadable(renameId: string, reading: UpstreamReading): RenameError {
  return reading.kind === 'throttled'
    ? new RenameError('upstream_throttled', { renameId, retryAfterMs: reading.retryAfterMs })
    : new RenameError('upstream_unreachable', { renameId });
}
