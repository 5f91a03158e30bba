import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FunctionApp } from '../stack/function-app.ts';
import {
  type Answer,
  iterationPath,
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
} from './rename-proxy.ts';

let proxy: RenameProxy;
let instances: FunctionApp[];
beforeAll(async () => {
  proxy = await startRenameProxy();
  instances = [proxy.app, await proxy.stack.startApp()];
});
afterAll(() => proxy.stop());

const patchesOf = (iteration: SeededIteration) =>
  proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH');

/** Sends the requests at once, spread over both instances. */
function renameAtOnce(
  iteration: SeededIteration,
  count: number,
  request: (index: number) => { name: string; headers?: Record<string, string> },
): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const app = instances[index % instances.length];
      return proxy.rename(iteration, { ...request(index), ...(app === undefined ? {} : { app }) });
    }),
  );
}

it('serialise concurrent renames of an iteration; losers get 409 and send nothing', async () => {
  const iteration = proxy.seed();
  const answers = await renameAtOnce(iteration, 20, (index) => ({ name: `v${index}` }));
  const renamed = answers.filter(({ status }) => status === 200).map(({ json }) => json['name']);
  expect(renamed.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
  expect(patchesOf(iteration)).toHaveLength(renamed.length);

  const { projectId } = iteration;
  const records = await proxy.records(projectId);
  expect(new Set(records.map(({ requestedName }) => requestedName))).toEqual(new Set(renamed));
  expect(new Set(records.map(({ status }) => status))).toEqual(new Set(['succeeded']));
});

it('rename once for 20 concurrent requests with one idempotency key', async () => {
  const iteration = proxy.seed();
  const headers = { 'idempotency-key': 'sent-by-many' };
  const answers = await renameAtOnce(iteration, 20, () => ({ name: 'once', headers }));
  expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
  expect(patchesOf(iteration)).toHaveLength(1);
  expect(await proxy.records(iteration.projectId)).toHaveLength(1);
  const [renameId, ...others] = new Set(
    answers.filter(({ status }) => status === 200).map(({ headers: answered }) => answered.get('rename-id')),
  );
  expect(renameId).toMatch(/^\d{13}-/);
  expect(others).toEqual([]);
});

const PAIRS = 200;
/** Pairs in flight at once: enough that they collide, few enough for a slow machine. */
const AT_ONCE = 10;

/** Runs `collide` for each of `PAIRS` iterations; twenty share a project. */
async function forPairs(
  collide: (iteration: SeededIteration, index: number) => Promise<void>,
): Promise<void> {
  let projectId = '';
  const seeded = Array.from({ length: PAIRS }, (_, index): SeededIteration => {
    if (index % 20 === 0) {
      const iteration = proxy.seed(`Iteration ${index}`);
      ({ projectId } = iteration);
      return iteration;
    }
    const { id } = proxy.stack.customVision.addIteration(projectId, { name: `Iteration ${index}` });
    return { projectId, iterationId: id, path: iterationPath(projectId, id) };
  });
  // Every other rename takes so long that the two surely overlap, also on a busy machine.
  const slow = new Set(seeded.filter((_, index) => index % 2 === 1).map(({ iterationId }) => iterationId));
  const slowed = proxy.stack.customVision.faults.inject({
    kind: 'delay',
    delayMs: 250,
    when: ({ method, path }) => method === 'PATCH' && slow.has(path.split('/').at(-1) ?? ''),
  });
  const entries = seeded.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [index, iteration] of entries) await collide(iteration, index);
    }),
  );
  slowed.clear();
}

const effectsOf = ({ iterationId }: SeededIteration) =>
  proxy.stack.customVision.effects().filter((effect) => effect.iterationId === iterationId);
const recordsOf = async ({ projectId, iterationId }: SeededIteration) =>
  (await proxy.records(projectId)).filter((record) => record['iterationId'] === iterationId);

it(
  'rename once for a key that both receive at the same moment, and give both the same answer',
  { timeout: 120_000 },
  async () => {
    const counts = { effects: 0, answersThatAgree: 0, busyAnswers: 0, replays: 0 };
    await forPairs(async (iteration, index) => {
      const headers = { 'idempotency-key': `pair-${index}` };
      const both = await Promise.all(
        instances.map(async (app) => {
          for (let attempts = 0; attempts < 50; attempts += 1) {
            const answer = await proxy.rename(iteration, { name: `v${index}`, headers, app });
            if (answer.status !== 409) return answer;
            counts.busyAnswers += 1;
            await sleep(20);
          }
          throw new Error('the first request with the key never ended');
        }),
      );
      const [first, second] = both;
      counts.replays += both.filter((answer) => answer.headers.has('idempotency-replayed')).length;
      counts.effects += effectsOf(iteration).length;
      const isAlike =
        first?.status === 200 &&
        first.text === second?.text &&
        first.headers.get('rename-id') === second.headers.get('rename-id');
      if (isAlike) counts.answersThatAgree += 1;
      expect((await recordsOf(iteration)).map(({ status }) => status)).toEqual(['succeeded']);
    });
    console.log(`${PAIRS} pairs with one key each: ${JSON.stringify(counts)}`);
    expect(counts).toMatchObject({ effects: PAIRS, answersThatAgree: PAIRS, replays: PAIRS });
    expect(counts.busyAnswers).toBeGreaterThan(0); // they did collide
  },
);

it(
  'lose and merge no record when two callers rename one iteration at the same moment',
  { timeout: 120_000 },
  async () => {
    const counts = { renamed: 0, busy: 0, records: 0, effects: 0, overtakenReadings: 0 };
    await forPairs(async (iteration, index) => {
      const answers = await Promise.all(
        instances.map((app, caller) => proxy.rename(iteration, { name: `v${index} by ${caller}`, app })),
      );
      const renamed = answers.filter(({ status }) => status === 200);
      const effects = effectsOf(iteration);
      const records = await recordsOf(iteration);
      expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
      expect(new Set(records.map(({ requestedName }) => requestedName))).toEqual(
        new Set(renamed.map(({ json }) => json['name'])),
      );
      const recordOf = (name: string) => records.find(({ requestedName }) => requestedName === name);
      for (const [order, { from, to }] of effects.entries()) {
        const previousName = recordOf(to)?.['previousName'];
        // The GET starts with the begin: a rename that ends at that moment may end between the two.
        if (previousName !== from) counts.overtakenReadings += 1;
        expect([from, ...(order === 0 ? [] : [effects[0]?.from])]).toContain(previousName);
      }
      counts.renamed += renamed.length;
      counts.busy += answers.length - renamed.length;
      counts.records += records.length;
      counts.effects += effects.length;
    });
    console.log(`${PAIRS} pairs of callers on one iteration each: ${JSON.stringify(counts)}`);
    expect(counts.records).toBe(counts.renamed);
    expect(counts.effects).toBe(counts.renamed);
    expect(counts.renamed + counts.busy).toBe(2 * PAIRS);
    expect(counts.busy).toBeGreaterThan(0); // they did collide
  },
);

it('rename different iterations of a project without conflict', async () => {
  const { projectId } = proxy.seed();
  const seeded = Array.from({ length: 20 }, (_, index) => {
    const { id } = proxy.stack.customVision.addIteration(projectId, { name: `Iteration ${index + 2}` });
    return { projectId, iterationId: id, path: iterationPath(projectId, id) };
  });
  const answers = await Promise.all(
    seeded.map((iteration, index) => {
      const app = instances[index % instances.length];
      return proxy.rename(iteration, { name: `v${index}`, ...(app === undefined ? {} : { app }) });
    }),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
});

it('record the previous name when another rename ended after the first GET', async () => {
  const iteration = proxy.seed('Iteration 1');
  const { customVision, tables } = proxy.stack;
  const blocked = { patch: Promise.withResolvers<void>(), look: Promise.withResolvers<void>() };
  const seen = { patch: Promise.withResolvers<void>(), look: Promise.withResolvers<void>() };
  customVision.hooks.onReceived = ({ method }) => {
    if (method !== 'PATCH') return;
    seen.patch.resolve();
    return blocked.patch.promise;
  };
  tables.hooks.onReceived = ({ method, path }) => {
    if (method !== 'GET' || !decodeURIComponent(path).includes(`lock|${iteration.iterationId}`)) return;
    seen.look.resolve();
    return blocked.look.promise;
  };
  const first = proxy.rename(iteration, { name: 'first' });
  await seen.patch.promise;
  const second = proxy.rename(iteration, { name: 'second' }); // has read the name, and finds the lock
  await seen.look.promise;
  blocked.patch.resolve();
  expect((await first).status).toBe(200);
  blocked.look.resolve();
  expect((await second).status).toBe(200);
  delete customVision.hooks.onReceived;
  delete tables.hooks.onReceived;

  const records = await proxy.records(iteration.projectId);
  expect(new Map(records.map(({ requestedName, previousName }) => [requestedName, previousName]))).toEqual(
    new Map([
      ['second', 'first'],
      ['first', 'Iteration 1'],
    ]),
  );
});

it('replay the answer to a request with the same key that arrives as the first ends', async () => {
  const iteration = proxy.seed();
  const { customVision, tables } = proxy.stack;
  const blocked = { patch: Promise.withResolvers<void>(), look: Promise.withResolvers<void>() };
  const seen = { patch: Promise.withResolvers<void>(), look: Promise.withResolvers<void>() };
  customVision.hooks.onReceived = ({ method }) => {
    if (method !== 'PATCH') return;
    seen.patch.resolve();
    return blocked.patch.promise;
  };
  tables.hooks.onReceived = ({ method, path }) => {
    if (method !== 'GET' || !decodeURIComponent(path).includes("RowKey='rename|")) return;
    seen.look.resolve();
    return blocked.look.promise;
  };
  const request = { name: 'once', headers: { 'idempotency-key': 'just-ended' } };
  const first = proxy.rename(iteration, request);
  await seen.patch.promise;
  const second = proxy.rename(iteration, request); // has seen the claim, but not yet its record
  await seen.look.promise;
  blocked.patch.resolve();
  const done = await first;
  blocked.look.resolve();
  const again = await second;
  delete customVision.hooks.onReceived;
  delete tables.hooks.onReceived;
  expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: done.text });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
});
