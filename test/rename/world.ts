import { createRateLimit } from '../../src/rename/rate-limit.ts';
import type { AuditLog } from '../../src/rename/audit-log.ts';
import type { AcceptedLog } from '../../src/rename/queued/accepted-log.ts';
import { createAcceptRename } from '../../src/rename/queued/accept-rename.ts';
import type { RenamePointer, RenameQueue } from '../../src/rename/queued/queued-rename.ts';
import { createRenames } from '../../src/rename/create-renames.ts';
import { RenameError } from '../../src/rename/rename-error.ts';
import type { RenameEvent } from '../../src/rename/rename-event.ts';
import { createRenameId } from '../../src/rename/rename-id.ts';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import type { RenameRequest } from '../../src/rename/rename-request.ts';
import { undoOf } from '../../src/rename/undo-of.ts';
import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import type { Upstream, UpstreamAnswer, UpstreamReading, UpstreamTarget } from '../../src/rename/upstream.ts';
import { createMemoryAuditLog } from './memory-audit-log.ts';
import { createSteppedTime, type TestTime } from './virtual-time.ts';

export const PROJECT_ID = '11111111-1111-4111-8111-111111111111';
export const ITERATION_ID = '22222222-2222-4222-8222-222222222222';

export const said = { attempts: 1, requestId: null };

export const renamed = (name: string): UpstreamAnswer => ({
  kind: 'renamed',
  status: 200,
  appliedName: name,
  iteration: { id: ITERATION_ID, name },
  attempts: 1,
  requestId: 'request-1',
});

/** Trained long ago, and not modified since, unless the test says so. */
const TRAINED_AT = '2025-12-01T00:00:00.000Z';

export const reads = (
  name: string,
  {
    lastModified = TRAINED_AT,
    answeredAtMs = Date.now(),
  }: { lastModified?: string; answeredAtMs?: number } = {},
): UpstreamReading => ({
  kind: 'iteration',
  iteration: { id: ITERATION_ID, name, lastModified },
  answeredAtMs,
});

export const requestFor = (name: string): RenameRequest => ({
  resource: 'default',
  endpointHost: 'japaneast.api.cognitive.microsoft.com',
  apiVersion: 'v3.2',
  projectId: PROJECT_ID,
  iterationId: ITERATION_ID,
  name,
});

/** The core with time, table and upstream in the test's hands: nothing moves unless the test moves it. */
export function createWorld(
  options: {
    log?: (log: AuditLog) => Partial<AuditLog>;
    accepted?: (accepted: AcceptedLog) => Partial<AcceptedLog>;
    time?: TestTime;
  } = {},
) {
  const { now, sleep, advance } = options.time ?? createSteppedTime();
  let ids = 0;
  const audit = createMemoryAuditLog(now);
  const log: AuditLog = { ...audit.log, ...options.log?.(audit.log) };
  const accepted: AcceptedLog = { ...audit.accepted, ...options.accepted?.(audit.accepted) };
  const messages: (RenamePointer & { delayMs: number })[] = [];
  const sent: string[] = [];
  const openCalls = new Set<object>();
  const events: RenameEvent[] = [];
  const script = {
    read: async (_target: UpstreamTarget): Promise<UpstreamReading> => reads('Iteration 1'),
    rename: async (name: string): Promise<UpstreamAnswer> => renamed(name),
    /** Why the present policy, or the settings, forbid a queued rename. */
    refusal: ((): string | null => null)(),
    isQueueDown: false,
  };
  const timings = createRenameTimings(10_000);
  const upstream: Upstream = {
    call(target) {
      let endsAtMs: number | null = null;
      const id = {};
      openCalls.add(id);
      const isOver = () => !openCalls.has(id) || now() > (endsAtMs ??= now() + timings.upstreamTimeoutMs);
      return {
        read: () => (isOver() ? Promise.resolve({ kind: 'unavailable' }) : script.read(target)),
        async rename(name, maySend) {
          const notSent = { kind: 'not_sent', attempts: 0, requestId: null } as const;
          if (!maySend()) return { ...notSent, reason: 'too_late' };
          if (isOver()) return { ...notSent, reason: 'unreachable' };
          audit.steps.push('patch');
          sent.push(name);
          return script.rename(name);
        },
        abandon: () => void openCalls.delete(id),
      };
    },
  };
  const rateLimit = createRateLimit({
    maxRenamesPerSecond: 1000,
    random: () => 0,
    monotonic: now,
    sleep,
  });
  const queue: RenameQueue = {
    enqueue: async (pointer, delayMs) => {
      if (script.isQueueDown) throw new Error('the queue is down');
      messages.push({ ...pointer, delayMs });
    },
  };
  const newRenameId = (ms: number) =>
    createRenameId(ms, Uint8Array.of((ids += 1), ids >> 5, ids >> 10, 0, 0, 0, 0, 0, 0, 0));
  const { rename, carryOut, giveUp, settle } = createRenames({
    log,
    accepted,
    recheck: () => script.refusal,
    upstream,
    rateLimit,
    timings,
    now,
    monotonic: now,
    sleep,
    newRenameId,
    reportLate: (event) => void events.push(event),
  });
  const usual: Omit<RenameCommand, 'request'> = {
    caller: { kind: 'function-key', id: 'function-key', name: null },
    idempotencyKey: null,
    undoes: null,
    traceparent: null,
    traceId: null,
    report: (event) => void events.push(event),
  };
  return {
    ...audit,
    script,
    sent,
    events,
    settle,
    carryOut,
    giveUp,
    accept: createAcceptRename({ log: accepted, queue, now, newRenameId }),
    queue,
    messages,
    openCalls: () => openCalls.size,
    timings,
    rateLimit,
    now,
    sleep,
    advance,
    report: (event: RenameEvent) => void events.push(event),
    rename: (name: string, more: Partial<RenameCommand> = {}) =>
      rename({ ...usual, request: requestFor(name), ...more }),
    /** Undoes a rename, as its record tells. */
    undo: async (renameId: string, more: Partial<RenameCommand> = {}) => {
      const { undoes, name } = undoOf(audit.record(renameId));
      return rename({ ...usual, request: requestFor(name), undoes, ...more });
    },
  };
}

export async function errorOf(promise: Promise<unknown>): Promise<RenameError> {
  const error = await promise.then(() => null).catch((thrown: unknown) => thrown);
  if (!(error instanceof RenameError)) throw new Error(`expected a RenameError, got ${String(error)}`);
  return error;
}
