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
    },
  });
  await proxy.rename(proxy.seed(), {}); // fetches the key, so that the readings before come in time
});
afterAll(() => proxy.stop());

describe('a rename whose answer is lost, where a person then gives a third name in the portal', () => {
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
    expect(shownOf(await ask())).toEqual(shownOf(first));
    expect(await proxy.records(iteration.projectId)).toMatchObject([{ status: 'unresolved' }]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('C');
  });
});

describe('a rename that was never applied, where nobody has touched the iteration since', () => {
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
