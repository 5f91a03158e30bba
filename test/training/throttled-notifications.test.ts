import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { ATTEMPTS, notificationOf, startTrainingProxy, type TrainingProxy } from './training-proxy.ts';

const THROTTLED_MS = 12_000;

let proxy: TrainingProxy;

beforeAll(async () => {
  proxy = await startTrainingProxy();
});
afterAll(() => proxy.stop());

const throttle = ({ iterationId }: SeededIteration) =>
  proxy.stack.customVision.faults.inject({
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '1', 'content-type': 'application/json' },
    body: '{"code":"TooManyRequests","message":"Rate limit is exceeded."}',
    when: ({ path }) => path.includes(iterationId),
  });

it('an iteration is named after Custom Vision was throttled for longer than all attempts, and nothing becomes poison', async () => {
  const iteration = proxy.seedTrained('Iteration 20');
  const throttled = throttle(iteration);
  await proxy.queue.sendMessage(Buffer.from(notificationOf(iteration)).toString('base64'));
  await sleep(THROTTLED_MS);
  expect(throttled.hits()).toBeGreaterThan(2 * ATTEMPTS);
  expect(await proxy.records(iteration.projectId)).toEqual([]);
  expect(await proxy.logged(iteration.iterationId, 'notification_requeued')).toContain('"delayMs":1000');
  throttled.clear();
  expect(await proxy.ended(iteration)).toMatchObject({
    status: 'succeeded',
    requestedName: 'Iteration 20 of 2026-03-04',
  });
  expect(proxy.app.output()).not.toContain('"event":"message_poisoned"');
  process.stdout.write(`throttled for ${THROTTLED_MS / 1000} s: ${throttled.hits()} refusals, no poison\n`);
}, 60_000);

it('a notification that is requeued keeps what it says, and when its pauses began', async () => {
  const iteration = proxy.seedTrained('Iteration 21');
  const throttled = throttle(iteration);
  await proxy.queue.sendMessage(notificationOf(iteration));
  await proxy.logged(iteration.iterationId, 'notification_requeued');
  await expect.poll(() => throttled.hits(), { timeout: 5000 }).toBeGreaterThan(2);
  const sinces = proxy.stack.queues.journal
    .filter(({ method, path }) => method === 'POST' && path.includes('/trained-models/messages'))
    .map(({ body }) => body)
    .filter((body) => body.includes(iteration.iterationId))
    .map((body) =>
      /throttledSince&quot;:&quot;([^&]+)|throttledSince":"([^"]+)/.exec(body)?.slice(1).join(''),
    );
  throttled.clear();
  expect(sinces.length).toBeGreaterThan(1);
  expect(new Set(sinces).size).toBe(1);
  expect(Date.parse(sinces[0] ?? '')).toBeLessThan(Date.now());
  expect(await proxy.ended(iteration)).toMatchObject({ status: 'succeeded' });
}, 30_000);
