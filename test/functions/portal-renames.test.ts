import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';
import {
  injectFault,
  nameNow,
  namesTaken,
  renameInPortalAfterEffect,
  shownOf,
  waitAsAsked,
} from './iteration-faults.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 60_000 });

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: {
      UPSTREAM_TIMEOUT_SECONDS: '1',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '6',
    },
  });
  await proxy.rename(proxy.seed(), {}); // fetches the key, so that the readings before come in time
});
afterAll(() => proxy.stop());

// Concurrent: most of the time is waiting for leases to expire.
describe.concurrent('a rename whose answer is lost, where a person then gives a third name in the portal', () => {
  it.each([
    { with: 'with an Idempotency-Key', headers: { 'idempotency-key': 'lost-1' } },
    { with: 'without an Idempotency-Key', headers: {} },
  ])('ends unresolved $with: the key is not freed, and nothing is overwritten', async ({ headers }) => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'A', headers });
    injectFault(proxy, iteration, 'PATCH', { kind: 'answer-lost', times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');

    const first = await ask();
    expect(first.status).toBe(504);
    const again = await ask();
    expect(shownOf(again)).toEqual(shownOf(first));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await waitAsAsked(again);
    for (let repeats = 0; repeats < 2; repeats += 1) {
      const settled = await ask();
      expect(shownOf(settled)).toEqual(shownOf(first));
      expect(settled.json['message']).toContain('Compare the iteration with the audit record');
    }
    const records = await proxy.records(iteration.projectId);
    expect(records).toMatchObject([
      {
        renameId: shownOf(first).renameId,
        status: 'unresolved',
        evidence: 'state',
        previousName: 'Iteration 1',
      },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('C');

    const next = await proxy.rename(iteration, { name: 'D' });
    expect(next.status).toBe(200); // a new rename is not held up by it
  });

  it('ends unresolved also where the GET that began before it was answered after the third name was given', async () => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'A', headers: { 'idempotency-key': 'lost-3' } });
    injectFault(proxy, iteration, 'GET', { kind: 'delay', delayMs: 150, times: 1 });
    injectFault(proxy, iteration, 'PATCH', { kind: 'answer-lost', times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');
    const first = await ask();
    expect(first.status).toBe(504);
    await waitAsAsked(first);
    // On a busy machine the look at the iteration may not be answered in time: the next repeat looks again.
    await expect
      .poll(async () => {
        expect(shownOf(await ask())).toEqual(shownOf(first));
        return proxy.records(iteration.projectId);
      })
      .toMatchObject([{ status: 'unresolved' }]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('C');
  });

  it('ends unresolved by webhook: one delivery, one effect, also where it is delivered again', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const id = randomUUID();
    const deliver = () => proxy.deliver({ body: { projectId, iterationId, name: 'A' }, id });
    injectFault(proxy, iteration, 'PATCH', { kind: 'answer-lost', times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');

    const { renameId } = await deliver();
    expect(await proxy.ended(iteration, renameId)).toMatchObject({
      status: 'unresolved',
      evidence: 'state',
    });
    expect(await deliver()).toMatchObject({ status: 202, renameId });
    await sleep(2000); // in which a message would be taken
    expect(await proxy.records(projectId)).toHaveLength(1);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('C');
  });

  it('ends unresolved by webhook also where its message is given up before the iteration can be read', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    injectFault(proxy, iteration, 'PATCH', { kind: 'answer-lost', times: 1 });
    renameInPortalAfterEffect(proxy, iteration, 'C');
    const unreadable = proxy.stack.customVision.faults.inject({
      kind: 'status',
      status: 503,
      when: ({ method, path }) =>
        method === 'GET' && path.includes(iterationId) && namesTaken(proxy, iteration).length > 0,
    });
    const { renameId } = await proxy.deliver({ body: { projectId, iterationId, name: 'A' } });
    await vi.waitFor(
      async () =>
        expect(await proxy.records(projectId)).toMatchObject([
          { renameId, status: 'pending', isGivenUp: true },
        ]),
      { timeout: 30_000, interval: 100 },
    );
    await sleep(2000); // the third name is older than the giving up, to the second
    unreadable.clear();
    const next = await proxy.rename(iteration, { name: 'D' }); // settles what it meets
    expect(next.status).toBe(200);
    expect(await proxy.records(projectId)).toMatchObject([
      { requestedName: 'D', previousName: 'C' },
      { renameId, status: 'unresolved', evidence: 'state' },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['A', 'D']);
  });
});

describe.concurrent('a rename that was never applied, of an iteration that was not touched since', () => {
  it('ends not_applied, and the same key renames', async () => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'A', headers: { 'idempotency-key': 'lost-2' } });
    injectFault(proxy, iteration, 'PATCH', { kind: 'reset', times: 1 });
    const first = await ask();
    expect(first.status).toBe(504);
    await waitAsAsked(first);
    expect((await ask()).status).toBe(200);
    expect(await proxy.records(iteration.projectId)).toMatchObject([
      { status: 'succeeded', replaces: shownOf(first).renameId },
      { status: 'not_applied', evidence: 'state', previousName: 'Iteration 1' },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
  });
});
