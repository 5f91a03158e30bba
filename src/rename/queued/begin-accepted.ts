import type { Lease } from '../audit-log.ts';
import { answerCaller } from '../judge-answer.ts';
import type { RateLimit } from '../rate-limit.ts';
import { readBefore } from '../read-before.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenameTimings } from '../rename-timings.ts';
import type { SendRename } from '../send-rename.ts';
import type { Upstream } from '../upstream.ts';
import type { AcceptedLog, AcceptedRename } from './accepted-log.ts';
import { notAppliedOutcome } from './not-applied-outcome.ts';
import type { RecheckRename } from './recheck-rename.ts';

/**
 * Begins an accepted rename and sends it, if it may still be made. Resolves to false where something has
 * changed meanwhile, so that the record must be read again. Throws a `RenameError` where the attempt failed.
 */
export type BeginAccepted = (
  accepted: AcceptedRename,
  traceparent: string | null,
  report: ReportRenameEvent,
) => Promise<boolean>;

export function createBeginAccepted({
  accepted: acceptedLog,
  recheck,
  send,
  settle,
  upstream,
  rateLimit,
  timings,
  now,
  monotonic,
  sleep,
}: {
  readonly accepted: Pick<AcceptedLog, 'begin' | 'end'>;
  readonly recheck: RecheckRename;
  readonly send: SendRename;
  readonly settle: SettleRename;
  readonly upstream: Upstream;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): BeginAccepted {
  return async function beginAccepted(accepted, traceparent, report) {
    const { intent, parties } = accepted;
    const { renameId } = intent;
    const refusal = recheck(intent, parties);
    if (refusal !== null) {
      return acceptedLog.end(accepted, notAppliedOutcome(intent, refusal, now())).catch(auditUnavailable);
    }
    // Before anything is written or sent, and before the lease counts.
    await rateLimit.take(intent.resource, intent.caller.id);
    const startedMs = monotonic();
    const call = upstream.call(intent, traceparent);
    const before = readBefore(call, sleep);
    const begun = await acceptedLog.begin(accepted, timings.leaseMs).catch((error: unknown) => {
      call.abandon();
      return auditUnavailable(error);
    });
    if (begun.kind === 'begun') {
      const { pending } = begun;
      const leasedAtMs = startedMs;
      const sending = { pending, leasedAtMs, call, before, givenName: null, startedMs, report };
      const { answer } = await send(sending);
      answerCaller(answer, renameId);
      return true;
    }
    call.abandon();
    if (begun.kind === 'locked') await settleWhereExpired(begun.lease, report);
    return false;
  };

  /** Another rename of the iteration is under way, or was. */
  async function settleWhereExpired(lease: Lease, report: ReportRenameEvent): Promise<void> {
    if (lease.expiresAtMs <= monotonic() && (await settle(lease, report))) return;
    throw new RenameError('iteration_busy');
  }
}

function auditUnavailable(cause: unknown): never {
  throw new RenameError('audit_unavailable', { cause });
}
