import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createSendRequest } from '../../src/custom-vision/exchange.ts';
import { createUpstream } from '../../src/custom-vision/upstream-client.ts';
import { createAdmission } from '../../src/rename/admission.ts';
import { createRenames } from '../../src/rename/create-renames.ts';
import { createReconcileRenames } from '../../src/rename/reconcile-renames.ts';
import { createRenameTimings } from '../../src/rename/timings.ts';
import { createAuditLog } from '../../src/table-storage/audit-log.ts';
import { createRenamesTable } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { createUnfinishedRenames } from '../../src/table-storage/unfinished-renames.ts';
import { judge } from '../soak/judge.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Stack } from '../stack/stack.ts';
import type { Answer, RenameProxy, SeededIteration } from './rename-proxy.ts';

/** So that the quarantine is longer than the five seconds that a dependency may take, as it is by default. */
export const UPSTREAM_TIMEOUT_MS = 3000;
export const SETTINGS = { UPSTREAM_TIMEOUT_SECONDS: String(UPSTREAM_TIMEOUT_MS / 1000) };
export const { quarantineMs } = createRenameTimings(UPSTREAM_TIMEOUT_MS);

/** One iteration, and one instance of the app, to which something happens. */
export interface Scene extends SeededIteration {
  readonly stack: Stack;
  readonly resource: string;
}

export interface MatrixCase {
  readonly case: string;
  /** Makes it go wrong for this scene alone; gives what ends it. */
  readonly fault: (scene: Scene) => (() => unknown) | Promise<() => unknown>;
  /** With how long a pause, in seconds, and whether with the way to the record. */
  readonly answer: { readonly status: number; readonly retryAfter?: number; readonly located: boolean };
  /** What the same key is told as soon as the fault is gone. */
  readonly again: 'the same' | 'wait' | 'renamed now';
  /** How the first request's record ends; null where it has none. */
  readonly record: 'succeeded' | 'rejected' | 'not_applied' | null;
  readonly resource?: string;
}

/** The whole life of one request that meets a fault: asked, asked again, swept, asked again, and followed by another. */
export async function liveThrough(
  proxy: RenameProxy,
  { fault, answer, again, record, resource = 'default' }: MatrixCase,
  app: FunctionApp = proxy.app,
): Promise<void> {
  const iteration = proxy.seed('Iteration 1', resource);
  const { projectId, iterationId } = iteration;
  const path = resource === 'default' ? iteration.path : `/${resource}${iteration.path}`;
  const headers = { 'idempotency-key': randomUUID() };
  const answers: Answer[] = [];
  const ask = async () => {
    const heard = await proxy.rename(iteration, { name: 'wanted', path, headers, app });
    answers.push(heard);
    return heard;
  };
  const effects = () =>
    (proxy.stack.customVisions[resource]?.effects() ?? []).filter((one) => one.iterationId === iterationId);
  const done = record === 'succeeded' ? 1 : 0;

  const end = await fault({ ...iteration, stack: proxy.stack, resource });
  const first = await ask();
  await end();
  const askedUntilMs = Date.now();
  expect(first).toMatchObject({ status: answer.status });
  expect(first.headers.get('retry-after')).toBe(answer.retryAfter?.toString() ?? null);
  const location = `/projects/${projectId}/renames/${first.headers.get('rename-id')}`;
  expect(first.headers.get('location')).toBe(answer.located ? location : null);

  if (again !== 'wait') expect(effects()).toHaveLength(done);
  const second = await ask();
  const firstRecord = (await proxy.records(projectId)).findLast(({ replaces }) => replaces === undefined);
  if (again === 'wait') {
    expect(second.status).toBe(409);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  } else if (again === 'the same') {
    expect(second.status).toBe(record === 'rejected' ? answer.status : 200);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  } else {
    expect(second.status).toBe(200);
    expect(second.headers.get('idempotency-replayed')).toBe(null);
  }

  if (again === 'wait') await sleep(Math.max(0, askedUntilMs + quarantineMs - Date.now()));
  await sweep(proxy.stack, projectId);
  expect(await proxy.rows(projectId)).not.toContainEqual(
    expect.objectContaining({ rowKey: expect.stringMatching(/^lock/) }),
  );
  if (record !== null) {
    const ended = (await proxy.records(projectId)).find(({ rowKey }) => rowKey === firstRecord?.rowKey);
    expect(ended).toMatchObject({ status: record });
  }
  if (again === 'wait') expect(effects()).toHaveLength(done);

  const third = await ask();
  expect(third.status).toBe(record === 'rejected' && again === 'the same' ? answer.status : 200);
  if (record === 'succeeded') expect(third.headers.get('rename-id')).toBe(firstRecord?.['renameId']);
  if (record === 'not_applied' || again === 'renamed now') {
    const renamed = (await proxy.records(projectId)).find(({ status }) => status === 'succeeded');
    if (record !== null) expect(renamed?.['replaces']).toBe(firstRecord?.['renameId']);
  }
  expect(effects().map(({ to }) => to)).toEqual(third.status === 200 ? ['wanted'] : []);

  const next = await proxy.rename(iteration, { name: 'next', path, app });
  expect(next.status).toBe(200);
  const heard = (list: Answer[]) =>
    list.map((one) => ({ status: one.status, renameId: one.headers.get('rename-id') }));
  const asked = [
    { kind: 'keyed', name: 'wanted', projectId, iterationId, answers: heard(answers) },
    { kind: 'plain', name: 'next', projectId, iterationId, answers: heard([next]) },
  ] as const;
  expect(judge({ rows: await proxy.rows(projectId), effects: effects(), asked })).toEqual([]);
}

/** What the timer of another instance does, for one project: so the scenes need not wait for each other's sweep. */
async function sweep(stack: Stack, projectId: string): Promise<void> {
  const { connectionString } = stack.azurite;
  const table = createRenamesTable(createTableClient({ kind: 'connection-string', connectionString }));
  const outside = {
    log: createAuditLog({ table, newOwner: randomUUID }),
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
    admission: createAdmission({ maxRenamesPerSecond: 1000, random: Math.random }),
    timings: createRenameTimings(UPSTREAM_TIMEOUT_MS),
    now: Date.now,
    sleep,
    newRenameId: () => {
      throw new Error('a sweep makes no renames of its own');
    },
  };
  const { locksOf } = createUnfinishedRenames({ table });
  const reconcile = createReconcileRenames({
    ...outside,
    settle: createRenames(outside).settle,
    unfinished: {
      async *projects() {
        yield projectId;
      },
      locksOf,
    },
  });
  await reconcile(() => {});
}
