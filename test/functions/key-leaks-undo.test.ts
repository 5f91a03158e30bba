import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type KeyLeakProxy, startKeyLeakProxy } from './key-leak-proxy.ts';
import { WRITINGS } from './key-writings.ts';

let proxy: KeyLeakProxy;
beforeAll(async () => {
  proxy = await startKeyLeakProxy();
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

/** Renames, then breaks Custom Vision, then asks for the undo twice, and looks for the key. */
async function undoAndLook(fault: (iterationId: string, key: string) => void = () => {}) {
  const iteration = proxy.seed();
  const first = await proxy.rename(iteration, { name: 'v1' });
  fault(iteration.iterationId, proxy.key);
  const answers = await proxy.askAndLook(iteration, async () => [
    await proxy.undo(iteration, first),
    await proxy.undo(iteration, first, { headers: { accept: 'text/xml' } }),
  ]);
  return answers.map(({ status }) => status);
}

it('the training key leaks nowhere when an undo succeeds', async () => {
  expect(await undoAndLook()).toEqual([200, 200]);
});

it.each(WRITINGS)(
  'the training key leaks nowhere when the name that stands in its way contains it $writing: that is not told',
  async ({ write }) => {
    const statuses = await undoAndLook((iterationId, key) => {
      const body = `{"id":"${iterationId}","name":"${write(key)}"}`;
      proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'GET' });
    });
    expect(statuses).toEqual([503, 503]);
  },
);

it('the training key leaks nowhere when a refusal of the undo quotes it', async () => {
  const statuses = await undoAndLook((_iterationId, key) => {
    const body = JSON.stringify({ code: 'BadRequest', message: `Bad header: ${key}.` });
    proxy.stack.customVision.faults.inject({ kind: 'status', status: 400, when: 'PATCH', body });
  });
  expect(statuses).toEqual([502, 502]);
});
