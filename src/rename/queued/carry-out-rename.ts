import type { AuditLog, Lease } from '../audit-log.ts';
import { answerCaller } from '../judge-answer.ts';
import { intentOfQueued, type QueuedRename } from './queued-rename.ts';
import { readBefore } from '../read-before.ts';
import { CONSEQUENCES } from './rename-consequence.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RateLimit } from '../rate-limit.ts';
import type { ResumeRename } from '../recovery/resume-rename.ts';
import type { SendRename } from '../send-rename.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';
import { type RenameTimings, untilSettledMs } from '../rename-timings.ts';
import type { Upstream } from '../upstream.ts';

/** What became of one message. */
export type CarriedOut =
  /** The record has ended; where it ended before, this was a duplicate. */
  | { readonly kind: 'done' }
  /** Another message of the same rename is being worked on, and the sweep sees to it should that one be lost. */
  | { readonly kind: 'duplicate' }
  /** To be looked at again, without using up a try. */
  | { readonly kind: 'requeue'; readonly delayMs: number; readonly reason: string };

export interface CarryOutCommand {
  readonly queued: QueuedRename;
  /** False where this message was seen before: what it meets may be what it left behind. */
  readonly isFirstDelivery: boolean;
  readonly report: ReportRenameEvent;
}

/** Carries out what a message of the queue asks for, once per `renameId` however often it comes. Throws a `RenameError` where a try failed. */
export type CarryOutRename = (command: CarryOutCommand) => Promise<CarriedOut>;

/** A rename that is kept waiting for longer uses up its tries, and then has a record that says so. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;
const MIN_DELAY_MS = 1000;
const MAX_ROUNDS = 3;

export function createCarryOutRename({
  log,
  send,
  resume,
  settle,
  upstream,
  rateLimit,
  timings,
  now,
  monotonic,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'beginQueued' | 'readPending'>;
  readonly send: SendRename;
  readonly resume: ResumeRename;
  readonly settle: SettleRename;
  readonly upstream: Upstream;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): CarryOutRename {
  return async function carryOutRename(command) {
    try {
      return await carryOut(command);
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      const consequence = CONSEQUENCES[error.code];
      if (consequence === 'done') return { kind: 'done' };
      const isPatient = now() - Date.parse(command.queued.requestedAt) < PATIENCE_MS;
      if (consequence === 'retry' || !isPatient) throw error;
      const delayMs = Math.max(MIN_DELAY_MS, error.requeueAfterMs ?? error.retryAfterMs ?? 0);
      return { kind: 'requeue', delayMs, reason: error.code };
    }
  };

  async function carryOut({ queued, isFirstDelivery, report }: CarryOutCommand): Promise<CarriedOut> {
    const { renameId, traceparent } = queued;
    // Before anything is written or sent, and before the lease counts.
    const turn = await rateLimit.take(queued.request.resource, queued.caller.id);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const startedMs = monotonic();
      const call = upstream.call(queued.request, traceparent);
      // One that comes again has a record, most likely, and then this reading would be in vain.
      const early = isFirstDelivery ? readBefore(call, sleep) : null;
      const begun = await begin(queued).catch((error: unknown) => {
        call.abandon();
        throw error;
      });
      if (begun.kind === 'begun') {
        const { pending } = begun;
        const before = early ?? readBefore(call, sleep);
        const answer = await send({ pending, leasedAtMs: startedMs, call, before, startedMs, report });
        answerCaller(answer, renameId, untilSettledMs(timings, monotonic() - startedMs));
        return { kind: 'done' };
      }
      call.abandon();
      if (begun.kind === 'locked') {
        await settleWhereExpired(begun.lease, report);
      } else if (begun.record.status !== 'pending') {
        if (early === null) turn.giveBack();
        return { kind: 'done' };
      } else {
        const pending = await log.readPending(begun.record);
        if (pending === null) return { kind: 'done' };
        const leftMs = pending.lease.expiresAtMs - monotonic();
        if (leftMs > 0 && isFirstDelivery) return { kind: 'duplicate' };
        if (leftMs > 0)
          throw new RenameError('idempotency_key_in_flight', { renameId, retryAfterMs: leftMs });
        await resume(pending, traceparent, report);
        return { kind: 'done' };
      }
    }
    throw new RenameError('iteration_busy', { retryAfterMs: MIN_DELAY_MS });
  }

  async function begin(queued: QueuedRename) {
    try {
      return await log.beginQueued(intentOfQueued(queued), timings.leaseMs);
    } catch (error) {
      throw new RenameError('audit_unavailable', { cause: error });
    }
  }

  /** Another rename of the iteration is under way, or was. */
  async function settleWhereExpired(lease: Lease, report: ReportRenameEvent): Promise<void> {
    if (lease.expiresAtMs <= monotonic() && (await settle(lease, report))) return;
    throw new RenameError('iteration_busy', { retryAfterMs: MIN_DELAY_MS });
  }
}
