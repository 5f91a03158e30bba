import type { AuditLog, IdempotencyClaim, OpenRename } from './audit-log.ts';
import type { Caller, IterationRef, RenameIntent, RenameOutcome, Trigger } from './audit-record.ts';
import type { BeginRename } from './begin-rename.ts';
import { answerCaller, judgeAnswer } from './judge-answer.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameTimings } from './timings.ts';
import type { RenamedIteration, Upstream, UpstreamAnswer, UpstreamReading } from './upstream.ts';

export interface RenameRequest extends IterationRef {
  readonly apiVersion: string;
  readonly endpointHost: string;
  readonly name: string;
}

/** A rename that somebody authorised, with what the record says of them. */
export interface RenameOrder {
  readonly request: RenameRequest;
  readonly caller: Caller;
  readonly trigger: Trigger;
  readonly idempotencyKey: string | null;
  /** W3C trace context, forwarded upstream. */
  readonly traceparent: string | null;
  readonly traceId: string | null;
  readonly report: ReportRenameEvent;
}

export interface RenameResult {
  readonly renameId: string;
  readonly iteration: RenamedIteration;
  readonly replayed: boolean;
}

/** Decides whether this instance may start one more rename: throws `throttled` or `shutting_down`. */
export interface Admission {
  admit(nowMs: number): void;
  slowDown(nowMs: number, retryAfterMs: number): void;
}

export type RenameIteration = (order: RenameOrder) => Promise<RenameResult>;

/** How long a finished rename waits for the reading of the name before it; a rename is never slower than that for it. */
const PREVIOUS_NAME_GRACE_MS = 250;

/** Renames one iteration with its audit record around it. Throws `RenameError`. */
export function createRenameIteration({
  begin,
  log,
  upstream,
  admission,
  timings,
  now,
  sleep,
  newRenameId,
}: {
  readonly begin: BeginRename;
  readonly log: Pick<AuditLog, 'complete' | 'newestSucceededName'>;
  readonly upstream: Upstream;
  readonly admission: Admission;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newRenameId: (nowMs: number) => string;
}): RenameIteration {
  return async function renameIteration(order) {
    const { request, report } = order;
    const startedMs = now();
    admission.admit(startedMs);
    const intent = intentOf(order, newRenameId(startedMs), startedMs);

    const call = upstream.call(request, order.traceparent);
    const before = boundedBy(PREVIOUS_NAME_GRACE_MS, sleep, call.read());
    let begun;
    try {
      begun = await begin(intent, claimOf(order), report); // no record, no rename
    } catch (error) {
      call.abandon();
      throw error;
    }
    if (begun.kind === 'replay') {
      call.abandon();
      return begun.result;
    }
    const begunMs = now();

    const answer = await call.rename(request.name, () => now() - startedMs <= timings.sendWithinMs);
    const answeredMs = now();
    const verdict = judgeAnswer(answer);
    let status: RenameOutcome['status'] | 'pending' = 'pending';
    if (verdict !== null) {
      const outcome: RenameOutcome = {
        ...verdict,
        previousName: await previousNameOf(intent, verdict.status, await before()),
        completedAt: new Date(answeredMs).toISOString(),
        durationMs: answeredMs - startedMs,
      };
      if (await complete(begun.open, outcome, answer, report)) status = verdict.status;
    }

    call.abandon();

    if (answer.kind === 'throttled') {
      admission.slowDown(answeredMs, answer.retryAfterMs);
      report({ event: 'upstream_throttled', resource: request.resource, retryAfterMs: answer.retryAfterMs });
    }
    report({
      event: 'rename_completed',
      renameId: intent.renameId,
      status,
      resource: intent.resource,
      projectId: intent.projectId,
      iterationId: intent.iterationId,
      callerKind: order.caller.kind,
      callerId: order.caller.id,
      trigger: order.trigger,
      upstreamStatus: verdict?.upstreamStatus ?? null,
      durationMs: now() - startedMs,
      beginMs: begunMs - startedMs,
      upstreamMs: answeredMs - begunMs,
      completeMs: now() - answeredMs,
    });
    const iteration = answerCaller(answer, intent.renameId, timings.quarantineMs);
    return { renameId: intent.renameId, iteration, replayed: false };
  };

  /** The upstream has acted by now, so a record that cannot be completed is left pending for the sweep, and the caller gets its answer. */
  async function complete(
    open: OpenRename,
    outcome: RenameOutcome,
    answer: UpstreamAnswer,
    report: ReportRenameEvent,
  ): Promise<boolean> {
    const iteration = answer.kind === 'renamed' ? answer.iteration : null;
    try {
      if (await log.complete(open, outcome, iteration)) return true;
      report({
        event: 'completion_failed',
        renameId: open.intent.renameId,
        reason: 'settled by someone else',
      });
    } catch (error) {
      report({ event: 'completion_failed', renameId: open.intent.renameId, reason: nameOf(error) });
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

function intentOf(order: RenameOrder, renameId: string, startedMs: number): RenameIntent {
  const { resource, endpointHost, apiVersion, projectId, iterationId, name } = order.request;
  return {
    renameId,
    resource,
    endpointHost,
    apiVersion,
    projectId,
    iterationId,
    requestedName: name,
    caller: order.caller,
    trigger: order.trigger,
    traceId: order.traceId,
    requestedAt: new Date(startedMs).toISOString(),
    replaces: null,
  };
}

function claimOf({ idempotencyKey, caller, request }: RenameOrder): IdempotencyClaim | null {
  if (idempotencyKey === null) return null;
  const payload = JSON.stringify([request.resource, request.projectId, request.iterationId, request.name]);
  return { callerId: caller.id, key: idempotencyKey, payload };
}

/** Asks for what `promise` gave: at once where it has settled, else waits for it only so long. */
function boundedBy<T>(
  graceMs: number,
  sleep: (ms: number) => Promise<void>,
  promise: Promise<T>,
): () => Promise<T | null> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  return () => (settled ? watched : Promise.race([watched, sleep(graceMs).then(() => null)]));
}

/** Only the kind of an error: its message may quote what a dependency said. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
