import type { IdempotencyClaim } from './audit-log.ts';
import type { Caller, IterationRef, RenameIntent } from './audit-record.ts';
import type { BeginRename } from './begin-rename.ts';
import { answerCaller } from './judge-answer.ts';
import { readBefore } from './read-before.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { SendRename } from './send-rename.ts';
import type { RenamedIteration, Upstream } from './upstream.ts';

export interface RenameRequest extends IterationRef {
  readonly apiVersion: string;
  readonly endpointHost: string;
  readonly name: string;
}

/** A rename that somebody authorised and waits for, with what the record says of them. */
export interface RenameOrder {
  readonly request: RenameRequest;
  readonly caller: Caller;
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
  /** How long until `admit` would not throw `throttled`, if nobody else came; 0 or less where it would not now. */
  waitMs(nowMs: number): number;
  slowDown(nowMs: number, retryAfterMs: number): void;
}

export type RenameIteration = (order: RenameOrder) => Promise<RenameResult>;

/** Renames one iteration with its audit record around it. Throws `RenameError`. */
export function createRenameIteration({
  begin,
  send,
  upstream,
  admission,
  quarantineMs,
  now,
  sleep,
  newRenameId,
}: {
  readonly begin: BeginRename;
  readonly send: SendRename;
  readonly upstream: Upstream;
  readonly admission: Admission;
  readonly quarantineMs: number;
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
    const before = readBefore(call, sleep);
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
    const { open } = begun;
    let sending = { open, call, before, startedMs, report };
    if (begun.afterOthers) {
      // What was read may be outdated, and the first call's time running out.
      call.abandon();
      const next = upstream.call(request, order.traceparent);
      sending = { ...sending, call: next, before: readBefore(next, sleep) };
    }
    const answer = await send(sending);
    const iteration = answerCaller(answer, intent.renameId, quarantineMs);
    return { renameId: intent.renameId, iteration, replayed: false };
  };
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
    trigger: 'http',
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
