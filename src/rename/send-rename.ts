import { type AuditLog, type PendingRename, RELEASED } from './audit-log.ts';
import type { AuditRecord, RenameIntent, RenameOutcome } from './audit-record.ts';
import { errorName } from './error-name.ts';
import { judgeAnswer } from './judge-answer.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RenameTimings } from './rename-timings.ts';
import type { UpstreamAnswer, UpstreamCall, UpstreamReading } from './upstream.ts';

/** A rename on record, about to be sent. */
export interface Sending {
  readonly pending: PendingRename;
  readonly call: UpstreamCall;
  /** The iteration as it was read before, where that was in time. */
  readonly before: () => Promise<UpstreamReading | null>;
  /** When this try began, for the log. */
  readonly startedMs: number;
  readonly report: ReportRenameEvent;
}

/** Sends the new name and completes the record with what the answer proves. Never rejects for what the upstream does. */
export type SendRename = (sending: Sending) => Promise<UpstreamAnswer>;

/** The one place where a PATCH leaves: of synchronous renames, of queued ones, and of those that are taken up again. */
export function createSendRename({
  log,
  rateLimit,
  timings,
  now,
}: {
  readonly log: Pick<AuditLog, 'complete' | 'renewLease' | 'newestSucceededName'>;
  readonly rateLimit: Pick<RateLimit, 'pauseFor'>;
  readonly timings: RenameTimings;
  readonly now: () => number;
}): SendRename {
  return async function sendRename({ pending, call, before, startedMs, report }) {
    const { intent, lease } = pending;
    const begunMs = now();
    const answer = await call.rename(
      intent.requestedName,
      () => now() - lease.leasedAtMs <= timings.sendWithinMs,
    );
    const answeredMs = now();
    const verdict = judgeAnswer(answer);
    let record: AuditRecord | null = null;
    if (verdict !== null && willBeTriedAgain(pending, answer)) {
      await release(pending, answer.kind === 'not_sent' ? answer.reason : answer.kind);
    } else if (verdict !== null) {
      const outcome: RenameOutcome = {
        ...verdict,
        previousName: await previousNameOf(intent, verdict.status, await before()),
        completedAt: new Date(answeredMs).toISOString(),
        durationMs: answeredMs - Date.parse(intent.requestedAt),
      };
      if (await complete(pending, outcome, answer, report)) record = { ...intent, ...outcome };
    }
    call.abandon();

    if (answer.kind === 'throttled') {
      rateLimit.pauseFor(answeredMs, answer.retryAfterMs);
      report({ event: 'upstream_throttled', resource: intent.resource, retryAfterMs: answer.retryAfterMs });
    }
    report({
      event: 'rename_completed',
      renameId: intent.renameId,
      status: record?.status ?? 'pending',
      resource: intent.resource,
      projectId: intent.projectId,
      iterationId: intent.iterationId,
      callerKind: intent.caller.kind,
      callerId: intent.caller.id,
      trigger: intent.trigger,
      upstreamStatus: verdict?.upstreamStatus ?? null,
      durationMs: now() - startedMs,
      beginMs: begunMs - startedMs,
      upstreamMs: answeredMs - begunMs,
      completeMs: now() - answeredMs,
      record,
    });
    return answer;
  };

  /** Nothing was applied and nothing is under way, so the next try need not wait. Where that cannot be written, it waits for the quarantine. */
  async function release(pending: PendingRename, lastFailure: string): Promise<void> {
    await log.renewLease(pending, { ...pending.lease, leasedAtMs: RELEASED, lastFailure }).catch(() => null);
  }

  /** The upstream has acted by now, so a record that cannot be completed is left pending for the sweep, and the caller gets its answer. */
  async function complete(
    pending: PendingRename,
    outcome: RenameOutcome,
    answer: UpstreamAnswer,
    report: ReportRenameEvent,
  ): Promise<boolean> {
    const { renameId } = pending.intent;
    const iteration = answer.kind === 'renamed' ? answer.iteration : null;
    try {
      if (await log.complete(pending, outcome, iteration)) return true;
      report({ event: 'completion_failed', renameId, reason: 'settled by someone else' });
    } catch (error) {
      report({ event: 'completion_failed', renameId, reason: errorName(error) });
    }
    return false;
  }

  /** A reading that shows the requested name may have come after the PATCH: it proves nothing. */
  async function previousNameOf(
    intent: RenameIntent,
    status: RenameOutcome['status'],
    reading: UpstreamReading | null,
  ): Promise<string | null> {
    if (reading?.kind !== 'iteration') return null;
    if (reading.iteration.name !== intent.requestedName || status !== 'succeeded')
      return reading.iteration.name;
    return log.newestSucceededName(intent).catch(() => null);
  }
}

/** A caller who waits is told that nothing was renamed, and may try again by itself; a queued rename has nobody but us. */
function willBeTriedAgain({ intent }: PendingRename, { kind }: UpstreamAnswer): boolean {
  return intent.trigger !== 'http' && (kind === 'not_sent' || kind === 'throttled' || kind === 'key_refused');
}

/** Only the kind of an error: its message may quote what a dependency said. */
