import type { AuditLog, HeldLock } from '../audit-log.ts';
import { awaitTurn } from './await-turn.ts';
import { answerCaller } from '../judge-answer.ts';
import { intentOfQueued, type QueuedRename } from './queued-rename.ts';
import { readBefore } from '../read-before.ts';
import { CONSEQUENCES } from './rename-consequence.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { Admission } from '../rename-iteration.ts';
import type { ResumeRename } from '../recovery/resume-rename.ts';
import type { SendRename } from '../send-rename.ts';
import type { SettleRename } from '../recovery/settle-rename.ts';
import type { RenameTimings } from '../rename-timings.ts';
import type { Upstream } from '../upstream.ts';

/** What became of one message. */
export type CarriedOut =
  /** The record has ended; where it ended before, this was a duplicate. */
  | { readonly kind: 'ended' }
  /** Another message of the same rename is being worked on, and the sweep sees to it should that one be lost. */
  | { readonly kind: 'duplicate' }
  /** To be looked at again, without using up a try. */
  | { readonly kind: 'later'; readonly delayMs: number; readonly reason: string };

export interface CarryOutOrder {
  readonly queued: QueuedRename;
  /** False where this message was seen before: what it meets may be what it left behind. */
  readonly isFirstSight: boolean;
  readonly report: ReportRenameEvent;
}

/** Carries out what a message of the queue asks for, once per `renameId` however often it comes. Throws a `RenameError` where a try failed. */
export type CarryOutRename = (order: CarryOutOrder) => Promise<CarriedOut>;

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
  admission,
  timings,
  now,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'begin' | 'reopen'>;
  readonly send: SendRename;
  readonly resume: ResumeRename;
  readonly settle: SettleRename;
  readonly upstream: Upstream;
  readonly admission: Admission;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): CarryOutRename {
  return async function carryOutRename(order) {
    try {
      return await carryOut(order);
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      const consequence = CONSEQUENCES[error.code];
      if (consequence === 'ended') return { kind: 'ended' };
      const isPatient = now() - Date.parse(order.queued.requestedAt) < PATIENCE_MS;
      if (consequence === 'again' || !isPatient) throw error;
      const delayMs = Math.max(MIN_DELAY_MS, error.retryAfterMs ?? 0);
      return { kind: 'later', delayMs, reason: error.code };
    }
  };

  async function carryOut({ queued, isFirstSight, report }: CarryOutOrder): Promise<CarriedOut> {
    const { renameId, traceparent } = queued;
    await awaitTurn(admission, now, sleep); // before anything is written or sent, and before the quarantine counts
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const startedMs = now();
      const call = upstream.call(queued.request, traceparent);
      const before = readBefore(call, sleep);
      const begun = await begin(queued, startedMs).catch((error: unknown) => {
        call.abandon();
        throw error;
      });
      if (begun.kind === 'begun') {
        const answer = await send({ open: begun.open, call, before, startedMs, report });
        answerCaller(answer, renameId, timings.quarantineMs);
        return { kind: 'ended' };
      }
      call.abandon();
      if (begun.kind === 'locked') {
        await clearAway(begun.lock, report);
      } else if (begun.kind === 'claimed' || begun.record.status !== 'pending') {
        return { kind: 'ended' };
      } else {
        const open = await log.reopen({ ...begun.record, heldSinceMs: startedMs });
        if (open === null) return { kind: 'ended' };
        const leftMs = timings.quarantineMs - (now() - open.hold.heldSinceMs);
        if (leftMs > 0 && isFirstSight) return { kind: 'duplicate' };
        if (leftMs > 0)
          throw new RenameError('idempotency_key_in_flight', { renameId, retryAfterMs: leftMs });
        await resume(open, traceparent, report);
        return { kind: 'ended' };
      }
    }
    throw new RenameError('iteration_busy', { retryAfterMs: MIN_DELAY_MS });
  }

  async function begin(queued: QueuedRename, startedMs: number) {
    try {
      return await log.begin(intentOfQueued(queued), null, null, startedMs);
    } catch (error) {
      throw new RenameError('audit_unavailable', { cause: error });
    }
  }

  /** Another rename of the iteration is under way, or was. */
  async function clearAway(lock: HeldLock, report: ReportRenameEvent): Promise<void> {
    const leftMs = timings.quarantineMs - (now() - lock.heldSinceMs);
    if (leftMs <= 0 && (await settle(lock, report))) return;
    throw new RenameError('iteration_busy', { retryAfterMs: MIN_DELAY_MS });
  }
}
