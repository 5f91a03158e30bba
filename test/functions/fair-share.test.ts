import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 60_000 });

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({
    callerAuthentication: 'caller-key',
    callers: ['greedy', 'line-3', 'line-4'],
    resources: ['default', 'line-2'],
    settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '3' }, // the default
  });
});
afterAll(() => proxy.stop());

const restedBucket = () => sleep(1100);

async function statusOf(
  caller: string,
  { resource = 'default', idempotencyKey }: { resource?: string; idempotencyKey?: string } = {},
  iteration = proxy.seed('Iteration 1', resource),
) {
  const answer = await proxy.rename(iteration, {
    name: 'v1',
    path: `/${resource}${iteration.path}`,
    headers: {
      'training-key': proxy.stack.callerKeys[caller] ?? '',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
  });
  return answer.status;
}

it('a burst of 9 waits its turn: no 429', async () => {
  await restedBucket();
  const statuses = await Promise.all(Array.from({ length: 9 }, () => statusOf('line-3')));
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it('a longer burst is refused with a Retry-After, and no rename waits longer than 3 s', async () => {
  await restedBucket();
  const startedMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 25 }, () =>
      proxy.rename(proxy.seed(), { headers: { 'training-key': proxy.stack.callerKeys['line-3'] ?? '' } }),
    ),
  );
  expect(performance.now() - startedMs).toBeLessThan(5000);
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(9);
  expect(refused.length).toBeGreaterThanOrEqual(10);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

it('callers at one a second succeed beside one at full speed', async () => {
  await restedBucket();
  const flooding = new AbortController();
  const flood = Promise.all(
    Array.from({ length: 10 }, async () => {
      while (!flooding.signal.aborted) if ((await statusOf('greedy')) !== 200) await sleep(20);
    }),
  );
  await sleep(1500); // the line is full of its requests
  const polite: Promise<number>[] = [];
  for (let second = 0; second < 10; second += 1) {
    polite.push(statusOf('line-3'), statusOf('line-4'));
    await sleep(1000);
  }
  const statuses = await Promise.all(polite);
  flooding.abort();
  await flood;
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(19);
});

it('a paused resource refuses, and another at full speed gets no 429', async () => {
  await restedBucket();
  const { customVision } = proxy.stack;
  const throttled = customVision.faults.inject({
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '300' },
    when: 'PATCH',
  });
  expect(await statusOf('line-3')).toBe(429);
  throttled.clear();
  const answer = await proxy.rename(proxy.seed(), {
    headers: { 'training-key': proxy.stack.callerKeys['line-3'] ?? '' },
  });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after')), 'tried again after a minute').toBeLessThanOrEqual(61);
  const others = await Promise.all(
    Array.from({ length: 9 }, () => statusOf('line-4', { resource: 'line-2' })),
  );
  expect(new Set(others)).toEqual(new Set([200]));
});

it('20 replays make no upstream call and take nothing from other callers', async () => {
  await restedBucket();
  const iteration = proxy.seed('Iteration 1', 'line-2');
  const options = { resource: 'line-2', idempotencyKey: randomUUID() };
  expect(await statusOf('greedy', options, iteration)).toBe(200);
  await restedBucket();
  const before = proxy.upstreamRequests(iteration, 'line-2').length;
  const replays = await Promise.all(Array.from({ length: 20 }, () => statusOf('greedy', options, iteration)));
  expect(new Set(replays)).toEqual(new Set([200]));
  expect(proxy.upstreamRequests(iteration, 'line-2').length).toBe(before);
  const others = await Promise.all(
    Array.from({ length: 3 }, () => statusOf('line-3', { resource: 'line-2' })),
  );
  expect(others).toEqual([200, 200, 200]);
});

describe('look-ups', () => {
  const PROJECTS = '/customvision/v3.2/training/projects';

  async function lookUp(caller: string, resource = 'default') {
    const answer = await fetch(`${proxy.app.url}/${resource}${PROJECTS}`, {
      headers: { 'training-key': proxy.stack.callerKeys[caller] ?? '' },
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
  const burst = (count: number, resource?: string) =>
    Promise.all(Array.from({ length: count }, () => lookUp('greedy', resource)));

  it('wait their turn in a short burst; a longer one is refused with a Retry-After', async () => {
    await restedBucket();
    expect(new Set((await burst(9, 'line-2')).map(({ status }) => status))).toEqual(new Set([200]));
    await restedBucket();
    const since = proxy.stack.customVisions['line-2']?.journal.length ?? 0;
    const answers = await burst(25, 'line-2');
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const { headers, text } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(text).toContain('Nothing was looked up');
    }
    const asked = (proxy.stack.customVisions['line-2']?.journal.length ?? 0) - since;
    expect(asked).toBe(answers.length - refused.length);
  });

  it('share their turns with renames', async () => {
    await restedBucket();
    expect((await burst(3, 'line-2')).map(({ status }) => status)).toEqual([200, 200, 200]);
    const startedMs = performance.now();
    expect(await statusOf('greedy', { resource: 'line-2' })).toBe(200);
    expect(performance.now() - startedMs, 'waited for the next turn').toBeGreaterThan(150);
  });

  it('of one caller starve neither renames nor look-ups of another', async () => {
    await restedBucket();
    const flooding = new AbortController();
    const flood = Promise.all(
      Array.from({ length: 10 }, async () => {
        while (!flooding.signal.aborted) {
          if ((await lookUp('greedy', 'line-2')).status !== 200) await sleep(20);
        }
      }),
    );
    await sleep(1500); // the line is full of its requests
    const polite: Promise<number>[] = [];
    for (let second = 0; second < 5; second += 1) {
      polite.push(statusOf('line-3', { resource: 'line-2' }));
      polite.push(lookUp('line-4', 'line-2').then(({ status }) => status));
      await sleep(1000);
    }
    const statuses = await Promise.all(polite);
    flooding.abort();
    await flood;
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(9);
  });
});
