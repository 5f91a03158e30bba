import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSendRequest } from '../../src/outbound/send-request.ts';
import { createUpstream } from '../../src/custom-vision/upstream-client.ts';
import { createRateLimit } from '../../src/rename/rate-limit.ts';
import { createRenames } from '../../src/rename/create-renames.ts';
import { createSweepRenames } from '../../src/rename/recovery/sweep-renames.ts';
import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import { createAcceptedLog, createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { createUnfinishedRenames } from '../../src/table-storage/unfinished-renames.ts';
import type { Asked } from '../soak/clients.ts';
import { judge } from '../soak/judge.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Stack } from '../stack/stack.ts';
import type { Answer, RecordRow, RenameProxy, SeededIteration } from './rename-proxy.ts';

/** Long enough that the lease exceeds the 5 s of a dependency, as by default. */
export const UPSTREAM_TIMEOUT_MS = 3000;
export const SETTINGS = { UPSTREAM_TIMEOUT_SECONDS: String(UPSTREAM_TIMEOUT_MS / 1000) };
/** At the latest another process sees the lease expired: it reads its age to the second. */
export const leaseMs = createRenameTimings(UPSTREAM_TIMEOUT_MS).leaseMs + 1000;

/** One iteration, and the instance of the app that has the fault. */
export interface Scene extends SeededIteration {
  readonly stack: Stack;
  readonly resource: string;
}

export interface MatrixCase {
  readonly case: string;
  /** Injects the fault for this scene only; returns the function that ends it. */
  readonly fault: (scene: Scene) => (() => unknown) | Promise<() => unknown>;
  /** `retryAfter` in seconds, or a matcher; `located`: the answer has the location of the record. */
  readonly answer: { readonly status: number; readonly retryAfter?: unknown; readonly located: boolean };
  /**
   * The answer to the same key right after the fault. `unanswered`: the first one's 502 or 504 again, with a
   * `Retry-After`.
   */
  readonly again: 'the same' | 'wait' | 'unanswered' | 'renamed now';
  /** The final status of the first request's record; null without a record. */
  readonly record: 'succeeded' | 'rejected' | 'not_applied' | null;
  readonly resource?: string;
}

/** The outcome of a request with a fault: sent, retried, swept, retried, then followed by another rename. */
export interface CaseOutcome {
  readonly answer: { readonly status: number; readonly retryAfter: unknown; readonly located: boolean };
  readonly again: { readonly status: number; readonly isReplayed: boolean; readonly isPaused: boolean };
  readonly locksLeft: number;
  readonly record: MatrixCase['record'];
  /** Renames that the upstream made before a retry could have an effect. */
  readonly effectsOfFirst: number;
  /** The answer to the key after the sweep. */
  readonly inTheEnd: number;
  /** Whether the last record says which record it replaces. */
  readonly isLinked: boolean;
  readonly effects: readonly string[];
  readonly next: number;
  readonly violations: readonly string[];
}

export function expectedOutcome({ answer, again, record }: MatrixCase): CaseOutcome {
  const isRefusedForGood = record === 'rejected' && again !== 'renamed now';
  const inTheEnd = isRefusedForGood ? answer.status : 200;
  return {
    answer: { ...answer, retryAfter: answer.retryAfter ?? null },
    again: {
      status: { wait: 409, unanswered: answer.status, 'the same': inTheEnd, 'renamed now': 200 }[again],
      isReplayed: again === 'the same' || again === 'unanswered',
      isPaused: again === 'wait' || again === 'unanswered',
    },
    locksLeft: 0,
    record,
    effectsOfFirst: record === 'succeeded' ? 1 : 0,
    inTheEnd,
    isLinked: record === 'not_applied' || (record === 'rejected' && !isRefusedForGood),
    effects: isRefusedForGood ? [] : ['wanted'],
    next: 200,
    violations: [],
  };
}

/** What is asked for: a rename to `wanted`, or the undo of the rename that came after that name. */
export type Way = 'rename' | 'undo';

export async function runCase(
  proxy: RenameProxy,
  { fault, again, resource = 'default' }: MatrixCase,
  app: FunctionApp = proxy.app,
  way: Way = 'rename',
): Promise<CaseOutcome> {
  const { stack } = proxy;
  const iteration = proxy.seed(way === 'undo' ? 'wanted' : 'Iteration 1', resource);
  const { projectId, iterationId } = iteration;
  const path = resource === 'default' ? iteration.path : `/${resource}${iteration.path}`;
  const headers = { 'idempotency-key': randomUUID() };
  const before = way === 'undo' ? await proxy.rename(iteration, { name: 'before', path, app }) : null;
  const ask = () =>
    before === null
      ? proxy.rename(iteration, { name: 'wanted', path, headers, app })
      : proxy.undo(iteration, before, { app });
  const effects = () =>
    (stack.customVisions[resource]?.effects() ?? []).filter(
      (one) => one.iterationId === iterationId && one.to !== 'before',
    );

  const end = await fault({ ...iteration, stack, resource });
  const first = await ask();
  await end();
  const endedAtMs = Date.now();
  const effectsAtOnce = effects().length;
  // A busy machine may stand still for the five seconds of a storage call; a client repeats a 503.
  const atOnce = await ask();
  const second = atOnce.status === 503 ? await ask() : atOnce;
  const isOpen = again === 'wait' || again === 'unanswered';
  const isKept = first.headers.has('location') || isOpen;
  const firstId = isKept
    ? (await proxy.records(projectId)).findLast(({ requestedName }) => requestedName === 'wanted')?.[
        'renameId'
      ]
    : null;

  if (isOpen) await sleep(Math.max(0, endedAtMs + leaseMs - Date.now()));
  await sweepProject(stack, projectId);
  const rows = await proxy.rows(projectId);
  const effectsOfFirst = isOpen ? effects().length : effectsAtOnce;
  const third = await ask();
  const taken = effects().map(({ to }) => to);
  const last = (await proxy.records(projectId))[0];

  const next = await proxy.rename(iteration, { name: 'next', path, app });
  const common = { projectId, iterationId };
  const asked: Asked[] = [
    { ...common, kind: 'keyed', name: 'wanted', answers: [first, second, third].map(answered) },
    { ...common, kind: 'plain', name: 'next', answers: [answered(next)] },
  ];
  return {
    answer: {
      status: first.status,
      retryAfter: pauseOf(first),
      located: first.headers.get('location') === `/projects/${projectId}/renames/${answered(first).renameId}`,
    },
    again: {
      status: second.status,
      isReplayed: second.headers.has('idempotency-replayed'),
      isPaused: (pauseOf(second) ?? 0) >= 1,
    },
    locksLeft: rows.filter(({ rowKey }) => rowKey?.startsWith('lock|')).length,
    record: statusOf(rows.find(({ rowKey }) => rowKey === `rename|${String(firstId)}`)),
    effectsOfFirst,
    inTheEnd: third.status,
    isLinked: firstId !== null && last?.['replaces'] === firstId,
    effects: taken,
    next: next.status,
    violations: judge({
      rows: (await proxy.rows(projectId)).filter(({ requestedName }) => requestedName !== 'before'),
      effects: effects(),
      asked,
    }),
  };
}

const answered = ({ status, headers }: Answer) => ({ status, renameId: headers.get('rename-id') });

function pauseOf({ headers }: Answer): number | null {
  const value = headers.get('retry-after');
  return value === null ? null : Number(value);
}

function statusOf(record: RecordRow | undefined): MatrixCase['record'] {
  const status = record?.['status'];
  if (record === undefined) return null;
  if (status === 'succeeded' || status === 'rejected' || status === 'not_applied') return status;
  throw new Error(`the record is ${String(status)}`);
}

const monotonic = () => performance.now();

/** Sweeps one project, as the timer of another instance would, so that no scene waits for another's sweep. */
async function sweepProject(stack: Stack, projectId: string): Promise<void> {
  const { connectionString } = stack.azurite;
  const table = createRenamesTable(
    createTableClient({ kind: 'connection-string', connectionString }),
    monotonic,
  );
  const auditLog = { table, newOwner: randomUUID, now: Date.now, monotonic };
  const accepted = createAcceptedLog(auditLog);
  const outside = {
    log: createAuditLog(auditLog),
    accepted,
    recheck: () => null,
    upstream: createUpstream({
      resources: new Map(
        Object.entries(stack.customVisions).map(([name, { endpoint }]) => [
          name,
          { endpoint: new URL(endpoint), trainingKeySecret: name },
        ]),
      ),
      trainingKeys: {
        get: async (name) => ({ value: stack.trainingKeys[name] ?? '', appearsIn: () => false }),
        replacementFor: async (_name, refused) => refused,
      },
      sendRequest: createSendRequest(),
      timeoutMs: UPSTREAM_TIMEOUT_MS,
      now: Date.now,
    }),
    rateLimit: createRateLimit({ maxRenamesPerSecond: 1000, random: Math.random, monotonic, sleep }),
    timings: createRenameTimings(UPSTREAM_TIMEOUT_MS),
    now: Date.now,
    monotonic,
    sleep,
    newRenameId: () => {
      throw new Error('a sweep begins no rename');
    },
    reportLate: () => {},
  };
  const sweep = createSweepRenames({
    ...outside,
    settle: createRenames(outside).settle,
    queue: { enqueue: () => Promise.reject(new Error('no rename is accepted here')) },
    unfinished: {
      ...createUnfinishedRenames({ table, accepted, now: Date.now }),
      async *activeProjects() {
        yield projectId;
      },
    },
  });
  await sweep(() => {});
}
