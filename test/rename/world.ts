import { createRateLimit } from '../../src/rename/rate-limit.ts';
import type { AuditLog } from '../../src/rename/audit-log.ts';
import { createRenames } from '../../src/rename/create-renames.ts';
import type { RenameEvent } from '../../src/rename/rename-event.ts';
import { createRenameId } from '../../src/rename/rename-id.ts';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import type { RenameRequest } from '../../src/rename/rename-request.ts';
import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import type { Upstream, UpstreamAnswer, UpstreamReading, UpstreamTarget } from '../../src/rename/upstream.ts';
import { createMemoryAuditLog } from './memory-audit-log.ts';

export const PROJECT_ID = '11111111-1111-4111-8111-111111111111';
export const ITERATION_ID = '22222222-2222-4222-8222-222222222222';

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
export function createWorld(options: { log?: (log: AuditLog) => Partial<AuditLog> } = {}) {
  let nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  let ids = 0;
  const audit = createMemoryAuditLog(() => nowMs);
  const log: AuditLog = { ...audit.log, ...options.log?.(audit.log) };
  const sent: string[] = [];
  const events: RenameEvent[] = [];
  const script = {
    read: async (_target: UpstreamTarget): Promise<UpstreamReading> => reads('Iteration 1'),
    rename: async (name: string): Promise<UpstreamAnswer> => renamed(name),
  };
  const timings = createRenameTimings(10_000);
  const upstream: Upstream = {
    call(target) {
      let endsAtMs: number | null = null;
      const isOver = () => nowMs > (endsAtMs ??= nowMs + timings.upstreamTimeoutMs);
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
        abandon() {},
      };
    },
  };
  const now = () => nowMs;
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  const rateLimit = createRateLimit({
    maxRenamesPerSecond: 1000,
    random: () => 0,
    monotonic: now,
    sleep,
  });
  const { rename, carryOut, giveUp, settle } = createRenames({
    log,
    upstream,
    rateLimit,
    timings,
    now,
    monotonic: now,
    sleep,
    newRenameId: (ms) => createRenameId(ms, Uint8Array.of((ids += 1), 0, 0, 0, 0, 0, 0, 0, 0, 0)),
  });
  return {
    ...audit,
    script,
    sent,
    events,
    settle,
    carryOut,
    giveUp,
    timings,
    rateLimit,
    now,
    sleep,
    advance: (ms: number) => {
      nowMs += ms;
    },
    report: (event: RenameEvent) => void events.push(event),
    rename: (name: string, more: Partial<RenameCommand> = {}) =>
      rename({
        request: requestFor(name),
        caller: { kind: 'function-key', id: 'function-key', name: null },
        idempotencyKey: null,
        traceparent: null,
        traceId: null,
        report: (event) => void events.push(event),
        ...more,
      }),
  };
}
