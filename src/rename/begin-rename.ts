import type { AuditLog, ExistingClaim, Lease, IdempotencyClaim, PendingRename } from './audit-log.ts';
import type { RenameIntent } from './audit-record.ts';
import { RenameError } from './rename-error.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameResult } from './rename-command.ts';
import type { SettleRename } from './recovery/settle-rename.ts';
import type { RenameTimings } from './rename-timings.ts';

export type BegunRename =
  | { readonly kind: 'begun'; readonly pending: PendingRename; readonly contended: boolean }
  | { readonly kind: 'replay'; readonly result: RenameResult };

export type BeginRename = (
  intent: RenameIntent,
  claim: IdempotencyClaim | null,
  report: ReportRenameEvent,
) => Promise<BegunRename>;

/** Each round follows something that others have changed meanwhile: a lock let go, a rename settled, a key released. */
const MAX_ROUNDS = 4;
/** A rename under way takes about this long: when to look again. */
const BUSY_RETRY_AFTER_MS = 1000;

/** Puts a rename on record, or answers with an earlier one, or throws a `RenameError`: then nothing was or will be sent. */
export function createBeginRename({
  log,
  settle,
  timings,
  now,
}: {
  readonly log: Pick<AuditLog, 'begin'>;
  readonly settle: SettleRename;
  readonly timings: RenameTimings;
  readonly now: () => number;
}): BeginRename {
  return async function beginRename(intent, claim, report) {
    let released: ExistingClaim | null = null;
    let busy: 'iteration_busy' | 'idempotency_key_in_flight' = 'iteration_busy';
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const replaces: string | null = released?.record.renameId ?? null;
      // Settling another took its time, and this rename needs its own.
      const leasedAtMs = round === 0 ? Date.parse(intent.requestedAt) : now();
      const begun = await beginOnce({ ...intent, replaces }, claim, released, leasedAtMs);
      if (begun.kind === 'begun') return { ...begun, contended: begun.contended || round > 0 };
      if (begun.kind === 'locked') {
        busy = 'iteration_busy';
        await settleWhereAbandoned(begun.lock, busy, report);
        continue;
      }
      if (begun.kind === 'recorded') throw new TypeError('only a queued rename is begun twice under one id');
      const earlier = begun.claim;
      if (!earlier.samePayload) throw new RenameError('idempotency_key_reused');
      if (earlier.record.status === 'pending') {
        busy = 'idempotency_key_in_flight';
        await settleWhereAbandoned(lockOf(earlier), busy, report);
      } else if (isReleased(earlier)) {
        released = earlier;
      } else {
        return { kind: 'replay', result: replay(earlier) };
      }
    }
    throw new RenameError(busy, { retryAfterMs: BUSY_RETRY_AFTER_MS });
  };

  function beginOnce(
    intent: RenameIntent,
    claim: IdempotencyClaim | null,
    released: ExistingClaim | null,
    leasedAtMs: number,
  ) {
    return log.begin(intent, claim, released, leasedAtMs).catch(unavailable);
  }

  async function settleWhereAbandoned(
    lock: Lease,
    busy: 'iteration_busy' | 'idempotency_key_in_flight',
    report: ReportRenameEvent,
  ) {
    const ageMs = now() - lock.leasedAtMs;
    if (ageMs < timings.leaseMs) throw new RenameError(busy, { retryAfterMs: BUSY_RETRY_AFTER_MS });
    const settled = await settle(lock, report).catch(unavailable);
    if (!settled) throw new RenameError(busy, { retryAfterMs: timings.upstreamTimeoutMs });
  }
}

function unavailable(cause: unknown): never {
  throw new RenameError('audit_unavailable', { cause });
}

function lockOf({ record }: ExistingClaim): Lease {
  const { projectId, iterationId, renameId, requestedAt } = record;
  return { projectId, iterationId, renameId, leasedAtMs: Date.parse(requestedAt) };
}

/** A key is free again where its rename provably changed nothing and the caller was not to blame: not applied, or our own key refused. */
function isReleased({ record }: ExistingClaim): boolean {
  return record.status === 'not_applied' || (record.status === 'rejected' && record.upstreamStatus === 401);
}

function replay({ record, iteration }: ExistingClaim): RenameResult {
  const { renameId } = record;
  if (record.status === 'succeeded' && iteration !== null) return { renameId, iteration, replayed: true };
  if (record.status === 'succeeded') throw new RenameError('answer_withheld', { renameId, replayed: true });
  if (record.status === 'rejected' && record.upstreamStatus !== null) {
    const { upstreamStatus: status, upstreamCode: code, upstreamMessage: message } = record;
    if (code === null || message === null)
      throw new RenameError('answer_withheld', { renameId, replayed: true });
    throw new RenameError('upstream_refused', {
      renameId,
      replayed: true,
      refusal: { status, code, message },
    });
  }
  throw new RenameError('unresolved', { renameId, replayed: true });
}
