import type { AuditLog, PendingRename } from './audit-log.ts';
import type { AuditRecord, RenameIntent, RenameOutcome } from './audit-record.ts';
import { errorName } from './error-name.ts';
import { judgeAnswer, type SentAnswer, UNANSWERED } from './judge-answer.ts';
import { createPreviousNameOf } from './previous-name.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameTimings } from './rename-timings.ts';
import { seenBefore } from './seen-before.ts';
import type { Sending } from './sending.ts';
import { tryAgain } from './try-again.ts';
import type { RenamedIteration, UpstreamReading } from './upstream.ts';

export interface RecordAnswerDependencies {
  readonly log: Pick<AuditLog, 'complete' | 'release' | 'note' | 'newestSucceeded'>;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** After the answer: a request's own log is closed then. */
  readonly reportLate: ReportRenameEvent;
}

/**
 * Puts on record what an answer proves. Resolves to the completed record; null where none was completed.
 * Never rejects.
 */
export type RecordAnswer = (sending: Sending, answer: SentAnswer) => Promise<AuditRecord | null>;

export function createRecordAnswer({
  log,
  timings,
  now,
  monotonic,
  sleep,
  reportLate,
}: RecordAnswerDependencies): RecordAnswer {
  const previousNameOf = createPreviousNameOf({ log });

  return async function recordAnswer({ pending, leasedAtMs, before, report }, answer) {
    const completedAtMs = now();
    const { intent } = pending;
    const verdict = judgeAnswer(answer, intent.requestedName);
    if (verdict === null) {
      await noteUnanswered(pending, answer, await before(), monotonic() - leasedAtMs);
      return null;
    }
    if (isSentAgain(intent, answer)) {
      await log.release(pending, answer.kind === 'not_sent' ? answer.reason : answer.kind).catch(() => {});
      return null;
    }
    const outcome: RenameOutcome = {
      ...verdict,
      previousName: await previousNameOf(intent, verdict, await before(), iterationIn(answer)),
      completedAt: new Date(completedAtMs).toISOString(),
      durationMs: Math.max(0, completedAtMs - Date.parse(intent.requestedAt)),
    };
    const completion = { iteration: iterationIn(answer), callerIsAnswered: isAnswered(answer) };
    const completeOnce = () => log.complete(pending, outcome, completion);
    const record: AuditRecord = { ...intent, ...outcome };
    return (await complete(completeOnce, record, leasedAtMs, report)) ? record : null;
  };

  /** Serves a repeat of the request, and the settling. If it cannot be written, the lease says enough. */
  async function noteUnanswered(
    pending: PendingRename,
    { kind }: SentAnswer,
    reading: UpstreamReading | null,
    sinceLeasedMs: number,
  ): Promise<void> {
    const lastFailure = kind === 'faulty' ? UNANSWERED.faulty : UNANSWERED.no_answer;
    const { intent, lease } = pending;
    const before = lease.before ?? seenBefore(reading, intent.requestedName, sinceLeasedMs);
    const leftMs = timings.leaseMs - sinceLeasedMs;
    if (leftMs <= 0) return; // another process may have renewed it: this one has stood still
    await log.note(pending, { lastFailure, before }, leftMs).catch(() => {});
  }

  /** The upstream has acted: the caller gets its answer, and a record that cannot be completed stays pending. */
  async function complete(
    completeOnce: () => Promise<boolean>,
    record: AuditRecord,
    leasedAtMs: number,
    report: ReportRenameEvent,
  ): Promise<boolean> {
    const { renameId } = record;
    try {
      if (await completeOnce()) return true;
      report({ event: 'completion_failed', renameId, reason: 'settled by another process' });
    } catch (error) {
      report({ event: 'completion_failed', renameId, reason: errorName(error) });
      void completeLater(completeOnce, record, leasedAtMs);
    }
    return false;
  }

  /**
   * Only this process knows that the caller has its answer, which ends an implied key. Once the lease is over,
   * others settle the record by what the iteration shows.
   */
  async function completeLater(
    completeOnce: () => Promise<boolean>,
    record: AuditRecord,
    leasedAtMs: number,
  ): Promise<void> {
    const isCompleted = await tryAgain(completeOnce, leasedAtMs + timings.leaseMs, { monotonic, sleep });
    if (isCompleted !== true) return;
    const { renameId, status, requestedAt } = record;
    const ageMs = Math.max(0, now() - Date.parse(requestedAt));
    reportLate({ event: 'rename_settled', renameId, status, ageMs, record });
  }
}

/**
 * A caller who waits is told that nothing was renamed, and may repeat the request; a queued rename is sent
 * again by us.
 */
function isSentAgain({ trigger }: RenameIntent, { kind }: SentAnswer): boolean {
  return trigger !== 'http' && (kind === 'not_sent' || kind === 'throttled' || kind === 'access_refused');
}

function iterationIn(answer: SentAnswer): RenamedIteration | null {
  return answer.kind === 'renamed' || answer.kind === 'shown' ? answer.iteration : null;
}

/** Whether the caller gets an answer below 500. */
function isAnswered(answer: SentAnswer): boolean {
  if (answer.kind === 'renamed') return answer.iteration !== null;
  return answer.kind === 'shown' || answer.kind === 'refused' || answer.kind === 'throttled';
}
