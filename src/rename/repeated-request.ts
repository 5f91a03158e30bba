import type { ExistingClaim, Lease } from './audit-log.ts';
import type { AuditRecord } from './audit-record.ts';
import { UNANSWERED } from './judge-answer.ts';
import type { RenameResult } from './rename-command.ts';
import { RenameError } from './rename-error.ts';
import { untilSeenExpiredMs } from './rename-timings.ts';

/** A rename under way takes about this long: when to look again. */
const IN_FLIGHT_RETRY_AFTER_MS = 1000;

/**
 * The same request again while its first one is pending: the answer that the first one got, or that it is
 * still under way.
 */
export function refuseWhilePending(
  { renameId, expiresAtMs, lastFailure }: Lease,
  nowMs: number,
): RenameError {
  const code = unansweredCode(lastFailure);
  return code === undefined
    ? new RenameError('idempotency_key_in_flight', {
        renameId,
        retryAfterMs: IN_FLIGHT_RETRY_AFTER_MS,
      })
    : new RenameError(code, {
        renameId,
        retryAfterMs: untilSeenExpiredMs(expiresAtMs, nowMs),
        replayed: true,
      });
}

/** The same where its lease has expired and the iteration could not be read just now. */
export function answerUnsettled({ renameId, lastFailure }: Lease, retryAfterMs: number): RenameError {
  return new RenameError(unansweredCode(lastFailure) ?? 'outcome_unknown', {
    renameId,
    retryAfterMs,
    replayed: true,
  });
}

function unansweredCode(lastFailure: string | null) {
  return Object.values(UNANSWERED).find((code) => code === lastFailure);
}

/**
 * A key is free again where its rename provably changed nothing, or where it was an implied one that has run
 * out.
 */
export function isReleased({ record, isExpired }: ExistingClaim): boolean {
  return isWithoutEffect(record) || isExpired;
}

/**
 * Whether the next attempt replaces the rename. A caller with a key of its own is given a refusal again, and
 * takes another key; an undo has only one key, so that a refusal must not block it for ever.
 */
export function isWithoutEffect({ status, undoes }: AuditRecord): boolean {
  return status === 'not_applied' || (status === 'rejected' && undoes !== null);
}

/** The first request's own answer. Throws a `RenameError` where that was an error. */
export function replay({ record, iteration }: ExistingClaim): RenameResult {
  const { renameId } = record;
  if (record.status === 'succeeded' && iteration !== null) return { renameId, iteration, replayed: true };
  if (record.status === 'succeeded') throw new RenameError('answer_withheld', { renameId, replayed: true });
  if (record.status === 'rejected' && record.upstreamStatus !== null) {
    const { upstreamStatus: status, upstreamCode: code, upstreamMessage: message } = record;
    if (code === null || message === null) {
      throw new RenameError('answer_withheld', { renameId, replayed: true });
    }
    throw new RenameError('upstream_refused', {
      renameId,
      replayed: true,
      refusal: { status, code, message },
    });
  }
  throw new RenameError('unresolved', { renameId, replayed: true });
}
