import type { IdempotencyClaim } from './audit-log.ts';
import type { RenameIntent } from './audit-record.ts';
import type { BeginRename, BegunRename } from './begin-rename.ts';
import type { Turn } from './fair-line.ts';
import { answerCaller } from './judge-answer.ts';
import type { KnownConflicts } from './known-conflicts.ts';
import { readBefore } from './read-before.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RenameCommand, RenameResult } from './rename-command.ts';
import { intentOf, payloadOf } from './rename-request.ts';
import { type RenameTimings, untilSettledMs } from './rename-timings.ts';
import type { SendRename } from './send-rename.ts';
import type { Upstream } from './upstream.ts';

export type RenameIteration = (command: RenameCommand) => Promise<RenameResult>;

interface RenameParts {
  readonly begin: BeginRename;
  readonly send: SendRename;
  readonly upstream: Upstream;
  readonly rateLimit: Pick<RateLimit, 'take' | 'charge'>;
  readonly conflicts: KnownConflicts;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newRenameId: (nowMs: number) => string;
}

/** Renames one iteration with its audit record around it. Throws `RenameError`. */
export function createRenameIteration({
  begin,
  send,
  upstream,
  rateLimit,
  conflicts,
  timings,
  now,
  monotonic,
  sleep,
  newRenameId,
}: RenameParts): RenameIteration {
  return async function renameIteration(command) {
    const { request, caller } = command;
    const requestedAtMs = now();
    const expected = conflicts.expects(command);
    // Before anything is written or sent. What has its answer already needs no turn.
    const turn = expected === 'final' ? null : await rateLimit.take(request.resource, caller.id);
    const startedMs = monotonic();
    const intent = intentOf({
      renameId: newRenameId(requestedAtMs),
      request,
      caller,
      trigger: 'http',
      traceId: command.traceId,
      requestedAt: new Date(requestedAtMs).toISOString(),
      replaces: null,
      undoes: command.undoes?.renameId ?? null,
    });
    try {
      const result = await renameOnce(command, intent, { expected, turn }, startedMs);
      conflicts.learn(command, null);
      return result;
    } catch (error) {
      conflicts.learn(command, error);
      throw error;
    }
  };

  async function renameOnce(command: RenameCommand, intent: RenameIntent, way: Way, startedMs: number) {
    const begun = await beginAndRead(command, intent, way);
    if (begun.kind === 'replay') return begun.result;

    const begunMs = monotonic();
    const { pending, leasedAtMs, call, before } = begun;
    const givenName = command.undoes?.givenName ?? null;
    const { report } = command;
    const end = conflicts.begin(command);
    try {
      const sending = { pending, leasedAtMs, call, before, givenName, startedMs, report };
      const { answer, answeredMs } = await send(sending);
      const retryAfterMs = untilSettledMs(timings, answeredMs - begunMs);
      const iteration = answerCaller(answer, intent.renameId, { retryAfterMs });
      return { renameId: intent.renameId, iteration, replayed: false };
    } finally {
      end();
    }
  }

  /**
   * Reads the iteration meanwhile, unless the request will probably send nothing: then reading it would cost
   * a call in vain. An undo reads it under the lease: what was read before could be outdated by another
   * rename that has ended since.
   */
  async function beginAndRead(command: RenameCommand, intent: RenameIntent, { expected, turn }: Way) {
    const readNow = () => {
      const call = upstream.call(command.request, command.traceparent);
      if (command.undoes === null) return { call, before: readBefore(call, sleep) };
      const reading = call.read();
      return { call, before: () => reading };
    };
    const early = expected === null && command.undoes === null ? readNow() : null;
    let begun: BegunRename | null = null;
    try {
      begun = await begin(intent, claimOf(command), command.report); // no record, no rename
    } finally {
      if (begun?.kind !== 'begun') {
        early?.call.abandon();
        if (early === null) turn?.giveBack();
      }
    }
    if (begun.kind === 'replay') return begun;
    if (turn === null) rateLimit.charge(command.request.resource);
    // What was read before others ended may be outdated, and the first call's time running out.
    if (begun.contended) early?.call.abandon();
    const reading = early === null || begun.contended ? readNow() : early;
    return { ...begun, ...reading };
  }
}

/** How a rename goes about it. */
interface Way {
  readonly expected: ReturnType<KnownConflicts['expects']>;
  readonly turn: Turn | null;
}

/** No caller has this id: an undo belongs to all who may ask for it. */
const UNDO_CALLER_ID = 'undo';

/**
 * Without a key of the caller's own, the request itself is the key. A rename is undone once, however
 * many callers ask for it.
 */
function claimOf({ idempotencyKey, caller, request, undoes }: RenameCommand): IdempotencyClaim {
  if (undoes !== null) {
    return { callerId: UNDO_CALLER_ID, key: undoes.renameId, payload: payloadOf(request) };
  }
  return { callerId: caller.id, key: idempotencyKey, payload: payloadOf(request) };
}
