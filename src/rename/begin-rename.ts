import type {
  AuditLog,
  BeginResult,
  ExistingClaim,
  IdempotencyClaim,
  Lease,
  PendingRename,
} from './audit-log.ts';
import type { RenameIntent } from './audit-record.ts';
import type { SettleRename } from './recovery/settle-rename.ts';
import type { RenameResult } from './rename-command.ts';
import { RenameError } from './rename-error.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import { type RenameTimings, untilSeenExpiredMs } from './rename-timings.ts';
import {
  answerUnsettled,
  isReleased,
  isWithoutEffect,
  refuseWhilePending,
  replay,
} from './repeated-request.ts';
import { tryAgain } from './try-again.ts';

export type BegunRename =
  | {
      readonly kind: 'begun';
      readonly pending: PendingRename;
      /** On the monotonic clock, before the lease was written. */
      readonly leasedAtMs: number;
      readonly contended: boolean;
    }
  | { readonly kind: 'replay'; readonly result: RenameResult };

export type BeginRename = (
  intent: RenameIntent,
  claim: IdempotencyClaim,
  report: ReportRenameEvent,
) => Promise<BegunRename>;

/**
 * Each round follows something that others have changed meanwhile: a lock let go, a rename settled, a key
 * released.
 */
const MAX_ROUNDS = 4;
/** A rename under way takes about this long: when to look again. */
const BUSY_RETRY_AFTER_MS = 1000;

/**
 * Puts a rename on record, or answers with an earlier one, or throws a `RenameError`: then nothing was or
 * will be sent.
 */
export function createBeginRename({
  log,
  settle,
  timings,
  monotonic,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'begin' | 'forgetClaim'>;
  readonly settle: SettleRename;
  readonly timings: RenameTimings;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): BeginRename {
  return async function beginRename(intent, claim, report) {
    let released: ExistingClaim | null = null;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const replaces: string | null =
        released !== null && isWithoutEffect(released.record) ? released.record.renameId : null;
      const leasedAtMs = monotonic();
      const begun: BeginResult = await log
        .begin({ ...intent, replaces }, claim, released, timings.leaseMs)
        .catch(unavailable);
      if (begun.kind === 'begun') {
        return { ...begun, leasedAtMs, contended: begun.contended || round > 0 };
      }
      if (begun.kind === 'locked') {
        const { lease } = begun;
        if (lease.expiresAtMs > monotonic()) throw busy(lease);
        if (!(await settleExpired(lease, report))) {
          throw new RenameError('iteration_busy', { retryAfterMs: timings.upstreamTimeoutMs });
        }
        continue;
      }
      const earlier: ExistingClaim = begun.claim;
      if (!earlier.samePayload) throw new RenameError('idempotency_key_reused');
      if (earlier.record.status === 'pending') {
        if (earlier.lease === null) continue; // it has ended between two readings
        if (earlier.lease.expiresAtMs > monotonic()) throw refuseWhilePending(earlier.lease, monotonic());
        if (!(await settleExpired(earlier.lease, report))) {
          throw answerUnsettled(earlier.lease, timings.upstreamTimeoutMs);
        }
      } else if (isReleased(earlier)) {
        released = earlier;
      } else {
        return { kind: 'replay', result: await answerAgain(earlier, claim) };
      }
    }
    throw new RenameError('iteration_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
  };

  /** An implied key ends with an answer below 500; the same request is a new one from then on. */
  async function answerAgain(earlier: ExistingClaim, { key }: IdempotencyClaim): Promise<RenameResult> {
    const forgetOnce = () => log.forgetClaim(earlier);
    const forget = async () => {
      if (key !== null) return;
      const untilMs = monotonic() + timings.leaseMs;
      await forgetOnce().catch(() => void tryAgain(forgetOnce, untilMs, { monotonic, sleep }));
    };
    try {
      const result = replay(earlier);
      await forget();
      return result;
    } catch (error) {
      if (error instanceof RenameError && error.code === 'upstream_refused') await forget();
      throw error;
    }
  }

  function settleExpired(lease: Lease, report: ReportRenameEvent): Promise<boolean> {
    return settle(lease, report).catch(unavailable);
  }

  function busy({ expiresAtMs, lastFailure }: Lease): RenameError {
    // One without an answer keeps its lease to the end; one under way ends any moment.
    return new RenameError('iteration_busy', {
      retryAfterMs: lastFailure === null ? BUSY_RETRY_AFTER_MS : untilSeenExpiredMs(expiresAtMs, monotonic()),
    });
  }
}

function unavailable(cause: unknown): never {
  throw new RenameError('audit_unavailable', { cause });
}
