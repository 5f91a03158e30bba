import type { IdempotencyClaim } from './audit-log.ts';
import type { BeginRename } from './begin-rename.ts';
import { answerCaller } from './judge-answer.ts';
import { readBefore } from './read-before.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RenameCommand, RenameResult } from './rename-command.ts';
import { intentOf, payloadOf } from './rename-request.ts';
import type { SendRename } from './send-rename.ts';
import type { Upstream } from './upstream.ts';

export type RenameIteration = (command: RenameCommand) => Promise<RenameResult>;

/** Renames one iteration with its audit record around it. Throws `RenameError`. */
export function createRenameIteration({
  begin,
  send,
  upstream,
  rateLimit,
  leaseMs,
  now,
  sleep,
  newRenameId,
}: {
  readonly begin: BeginRename;
  readonly send: SendRename;
  readonly upstream: Upstream;
  readonly rateLimit: RateLimit;
  readonly leaseMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newRenameId: (nowMs: number) => string;
}): RenameIteration {
  return async function renameIteration(command) {
    const { request, report } = command;
    const startedMs = now();
    rateLimit.admit(startedMs);
    const intent = intentOf({
      renameId: newRenameId(startedMs),
      request,
      caller: command.caller,
      trigger: 'http',
      traceId: command.traceId,
      requestedAt: new Date(startedMs).toISOString(),
      replaces: null,
    });

    const call = upstream.call(request, command.traceparent);
    const before = readBefore(call, sleep);
    let begun;
    try {
      begun = await begin(intent, claimOf(command), report); // no record, no rename
    } catch (error) {
      call.abandon();
      throw error;
    }
    if (begun.kind === 'replay') {
      call.abandon();
      return begun.result;
    }
    const { pending } = begun;
    let sending = { pending, call, before, startedMs, report };
    if (begun.contended) {
      // What was read may be outdated, and the first call's time running out.
      call.abandon();
      const next = upstream.call(request, command.traceparent);
      sending = { ...sending, call: next, before: readBefore(next, sleep) };
    }
    const answer = await send(sending);
    const iteration = answerCaller(answer, intent.renameId, leaseMs);
    return { renameId: intent.renameId, iteration, replayed: false };
  };
}

function claimOf({ idempotencyKey, caller, request }: RenameCommand): IdempotencyClaim | null {
  if (idempotencyKey === null) return null;
  return { callerId: caller.id, key: idempotencyKey, payload: payloadOf(request) };
}
