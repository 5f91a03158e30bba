import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PATCH_TAKES_MS = 2500;
const DELIVERIES = 8;

let proxy: WebhookProxy;
beforeAll(async () => {
  // Slow enough that most messages of a batch still wait for the rate limit at the end.
  proxy = await startWebhookProxy({ settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '2' } });
});
afterAll(() => proxy.stop());

it('finishes renames in flight, begins none, and leaves the rest to the next instance', async () => {
  const { stack, app } = proxy;
  const { customVision } = stack;
  const patches = () => customVision.journal.filter(({ method }) => method === 'PATCH');
  customVision.faults.inject({ kind: 'delay', when: 'PATCH', delayMs: PATCH_TAKES_MS });

  const asked = proxy.seed();
  const answer = proxy.rename(asked, { name: 'asked for' });
  const delivered = await Promise.all(
    Array.from({ length: DELIVERIES }, async (_, index) => {
      const { projectId, iterationId, path } = proxy.seed();
      const body = { projectId, iterationId, name: `delivered ${index}` };
      const { renameId } = await proxy.deliver({ body });
      return { projectId, iterationId, path, renameId };
    }),
  );
  await vi.waitUntil(() => patches().length >= 2, { timeout: 10_000 });
  app.kill('SIGTERM');
  await sleep(400); // for the signal, and for a rename that the rate limit has just released
  const sentBefore = patches().length;
  expect(sentBefore).toBeLessThan(1 + DELIVERIES);
  expect((await answer).status).toBe(200);
  expect(await app.exited).toEqual({ code: 0, signal: null });
  expect(patches()).toHaveLength(sentBefore);
  const records = (
    await Promise.all([asked, ...delivered].map(({ projectId }) => proxy.records(projectId)))
  ).flat();
  const ended = records.filter(({ status }) => status === 'succeeded');
  const left = records.filter(({ status }) => status === 'pending');
  expect([ended.length, left.length]).toEqual([sentBefore, 1 + DELIVERIES - sentBefore]);
  expect(left.filter(({ isBegun }) => isBegun === true)).toEqual([]);

  await proxy.clearFaults();
  await stack.startApp({ settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '1000' } });
  for (const { renameId, ...iteration } of delivered) {
    expect(await proxy.ended(iteration, renameId, 20_000)).toMatchObject({ status: 'succeeded' });
  }
  expect(customVision.effects()).toHaveLength(1 + DELIVERIES);
});
