import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { injectFault, renameInPortalAfterEffect, shownOf, waitAsAsked } from './iteration-faults.ts';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 60_000 });

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({ settings: { UPSTREAM_TIMEOUT_SECONDS: '1' } });
  await proxy.rename(proxy.seed(), {}); // fetches the key
});
afterAll(() => proxy.stop());

const recordsOf = ({ projectId }: SeededIteration) => proxy.records(projectId);

describe('the previous name', () => {
  it('is what the settling look shows where the rename was not applied', async () => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'A', headers: { 'idempotency-key': randomUUID() } });
    const faults = (['GET', 'PATCH'] as const).map((method) =>
      injectFault(proxy, iteration, method, { kind: 'hang' }),
    );
    const first = await ask();
    for (const { clear } of faults) clear();
    await waitAsAsked(first);
    expect((await ask()).status).toBe(200);
    expect((await recordsOf(iteration)).at(-1)).toMatchObject({
      renameId: shownOf(first).renameId,
      status: 'not_applied',
      previousName: 'Iteration 1',
    });
  });

  it.each([
    {
      case: 'the GET before is answered 300 ms after the PATCH',
      patch: null,
      get: { kind: 'delay', delayMs: 300 },
    },
    {
      case: 'the GET before hangs, and the rename is settled later',
      patch: { kind: 'hang', acts: true },
      get: { kind: 'hang' },
    },
  ] as const)('is what the newest succeeded record gave where $case', async ({ patch, get }) => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'second' });
    await proxy.rename(iteration, { name: 'first' });
    const faults = [injectFault(proxy, iteration, 'GET', get)];
    if (patch !== null) faults.push(injectFault(proxy, iteration, 'PATCH', patch));
    const answer = await ask();
    for (const { clear } of faults) clear();
    if (answer.status !== 200) {
      await waitAsAsked(answer);
      expect((await ask()).status).toBe(200);
    }
    expect((await recordsOf(iteration))[0]).toMatchObject({
      requestedName: 'second',
      status: 'succeeded',
      previousName: 'first',
    });
  });

  it('is no name that a person gave after the rename', async () => {
    const iteration = proxy.seed();
    await proxy.rename(iteration, { name: 'B' });
    injectFault(proxy, iteration, 'GET', { kind: 'delay', delayMs: 100, times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');
    expect((await proxy.rename(iteration, { name: 'A' })).status).toBe(200);
    expect((await recordsOf(iteration))[0]).toMatchObject({
      requestedName: 'A',
      previousName: 'B',
    });
  });

  it('ends unresolved by webhook: one delivery, one effect, also where it is delivered again', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const id = randomUUID();
    const deliver = () => proxy.deliver({ body: { projectId, iterationId, name: 'A' }, id });
    injectFault(proxy, iteration, 'PATCH', { kind: 'answer-lost', times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');

    const { renameId } = await deliver();
    expect(await proxy.ended(iteration, renameId, 20_000)).toMatchObject({
      status: 'unresolved',
      evidence: 'state',
    });
    expect(await deliver()).toMatchObject({ status: 202, renameId });
    await sleep(2000); // in which a message would be taken
    expect(await proxy.records(projectId)).toHaveLength(1);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('C');
  });
});
