import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

it('64 readings that hang keep none of 64 renames from being sent', { retry: 2 }, async () => {
  const hanging = proxy.stack.customVision.faults.inject({ kind: 'hang', when: 'GET' });
  const startedMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const { status } = await proxy.rename(proxy.seed(), { name: `v${index}` });
      return { status, tookMs: performance.now() - startedMs };
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 64 }, () => 200));
  expect(hanging.hits()).toBe(64);
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(5000);
});
