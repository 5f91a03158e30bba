import type { AuditLog, PendingRename } from './audit-log.ts';
import type { RenameIntent, RenameOutcome, RenameStatus } from './audit-record.ts';
import { errorName } from './error-name.ts';
import { judgeAnswer, type SentAnswer, UNANSWERED, type Verdict } from './judge-answer.ts';
import type { RateLimit } from './rate-limit.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameTimings } from './rename-timings.ts';
import { isSameName } from './same-name.ts';
import { seen, type UpstreamAnswer, type UpstreamCall, type UpstreamReading } from './upstream.ts';

/** A rename on record, about to be sent. */
export interface Sending {
  readonly pending: PendingRename;
  /** On the monotonic clock, before the lease was written. */
  readonly leasedAtMs: number;
  readonly call: UpstreamCall;
  /** The iteration as it was read before, where that was in time. */
  readonly before: () => Promise<UpstreamReading | null>;
  /** When this attempt began, for the log. */
  readonly startedMs: number;
  readonly report: ReportRenameEvent;
}

/** Sends the new name and completes the record with what the answer proves. Never rejects for what the upstream does. */
export type SendRename = (sending: Sending) => Promise<SentAnswer>;

/** The one place where a PATCH leaves: of synchronous renames, of queued ones, and of those that are resumed. */
export function createSendRename({
  log,
  rateLimit,
  timings,
  now,
  monotonic,
}: {
  readonly log: Pick<AuditLog, 'complete' | 'release' | 'note' | 'newestSucceeded'>;
  readonly rateLimit: Pick<RateLimit, 'pauseFor'>;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly monotonic: () => number;
}): SendRename {
  return async function sendRename({ pending, leasedAtMs, call, before, startedMs, report }) {
    const { intent } = pending;
    const sentMs = monotonic();
    const answer = await askOnce(
      call,
      intent,
      () => monotonic() - leasedAtMs <= timings.upstreamTimeoutMs,
      before,
    );
    const answeredMs = monotonic();
    const completedAtMs = now();
    const verdict = judgeAnswer(answer, intent.requestedName);
    let status: RenameStatus = 'pending';
    if (verdict === null) {
      const leftMs = leasedAtMs + timings.leaseMs - monotonic();
      await noteUnanswered(pending, answer, await before(), leftMs);
    } else if (isSentAgain(intent, answer)) {
      await log.release(pending, answer.kind === 'not_sent' ? answer.reason : answer.kind).catch(() => false);
    } else {
      const outcome: RenameOutcome = {
        ...verdict,
        previousName: await previousNameOf(intent, verdict, await before()),
        completedAt: new Date(completedAtMs).toISOString(),
        durationMs: Math.max(0, completedAtMs - Date.parse(intent.requestedAt)),
      };
      if (await complete(pending, outcome, answer, report)) status = verdict.status;
    }
    call.abandon();

    if (answer.kind === 'throttled') {
      rateLimit.pauseFor(intent.resource, answer.retryAfterMs);
      report({ event: 'upstream_throttled', resource: intent.resource, retryAfterMs: answer.retryAfterMs });
    }
    if (answer.kind === 'access_refused') {
      const { status: upstreamStatus, code: upstreamCode, message: upstreamMessage } = answer.refusal;
      const { resource } = intent;
      report({ event: 'upstream_access_refused', resource, upstreamStatus, upstreamCode, upstreamMessage });
    }
    report({
      event: 'rename_completed',
      renameId: intent.renameId,
      status,
      resource: intent.resource,
      projectId: intent.projectId,
      iterationId: intent.iterationId,
      callerKind: intent.caller.kind,
      callerId: intent.caller.id,
      trigger: intent.trigger,
      upstreamStatus: verdict?.upstreamStatus ?? null,
      durationMs: monotonic() - startedMs,
      beginMs: sentMs - startedMs,
      upstreamMs: answeredMs - sentMs,
      completeMs: monotonic() - answeredMs,
    });
    return answer;
  };

  /** The next attempt need not wait. If the note cannot be written, the lease says enough. */
  async function noteUnanswered(
    pending: PendingRename,
    { kind }: SentAnswer,
    reading: UpstreamReading | null,
    leftMs: number,
  ): Promise<void> {
    const lastFailure = kind === 'faulty' ? UNANSWERED.faulty : UNANSWERED.no_answer;
    const before =
      reading?.kind === 'iteration' && reading.iteration.name !== pending.intent.requestedName
        ? seen(reading.iteration)
        : null;
    await log.note(pending, { lastFailure, before }, leftMs).catch(() => {});
  }

  /** The upstream has acted: a record that cannot be completed stays pending for the sweep, and the caller gets its answer. */
  async function complete(
    pending: PendingRename,
    outcome: RenameOutcome,
    answer: SentAnswer,
    report: ReportRenameEvent,
  ): Promise<boolean> {
    const { renameId } = pending.intent;
    const iteration = answer.kind === 'renamed' || answer.kind === 'shown' ? answer.iteration : null;
    try {
      if (await log.complete(pending, outcome, { iteration, callerIsAnswered: isAnswered(answer) }))
        return true;
      report({ event: 'completion_failed', renameId, reason: 'settled by another process' });
    } catch (error) {
      report({ event: 'completion_failed', renameId, reason: errorName(error) });
    }
    return false;
  }

  /** A reading that shows the requested name may have come after the PATCH: it proves nothing, and neither does none. */
  async function previousNameOf(
    intent: RenameIntent,
    { status }: Verdict,
    reading: UpstreamReading | null,
  ): Promise<string | null> {
    if (reading?.kind === 'iteration') {
      const { name } = reading.iteration;
      if (status !== 'succeeded' || name !== intent.requestedName) return name;
    } else if (status !== 'succeeded') return null;
    const newest = await log.newestSucceeded(intent).catch(() => null);
    return newest?.name ?? null;
  }
}

/** Sends the rename. After an answer that proves nothing it reads the iteration once, in what is left of the call's time. */
async function askOnce(
  call: UpstreamCall,
  { requestedName }: RenameIntent,
  maySend: () => boolean,
  before: Sending['before'],
): Promise<SentAnswer> {
  const answer = await call.rename(requestedName, maySend);
  if (answer.kind !== 'faulty' && answer.kind !== 'no_answer') return answer;
  const was = await before();
  if (was?.kind !== 'iteration' || isSameName(was.iteration.name, requestedName)) return answer;
  const reading = await call.read();
  if (reading.kind !== 'iteration' || !isSameName(reading.iteration.name, requestedName)) return answer;
  const { attempts, requestId } = answer;
  const status = answer.kind === 'faulty' ? answer.status : null;
  return { kind: 'shown', status, iteration: reading.iteration, attempts, requestId };
}

/** A caller who waits is told that nothing was renamed, and may repeat the request; a queued rename is sent again by us. */
function isSentAgain({ trigger }: RenameIntent, { kind }: UpstreamAnswer | SentAnswer): boolean {
  return trigger !== 'http' && (kind === 'not_sent' || kind === 'throttled' || kind === 'access_refused');
}

/** Whether the caller gets an answer below 500. */
function isAnswered(answer: SentAnswer): boolean {
  switch (answer.kind) {
    case 'renamed':
      return answer.iteration !== null;
    case 'shown':
    case 'refused':
    case 'throttled':
      return true;
    default:
      return false;
  }
}
