import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';
import { injectFault, nameNow, namesTaken, shownOf, waitAsAsked } from './iteration-faults.ts';
import type { SeededIteration } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 60_000 });

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: {
      UPSTREAM_TIMEOUT_SECONDS: '1',
      'AzureWebJobs.sweep-renames.Disabled': 'false',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
    },
  });
  proxy.stack.customVision.normaliseNames((name) => name.replaceAll(/ +/g, ' '));
  await proxy.rename(proxy.seed(), {}); // fetches the key
});
afterAll(() => proxy.stop());

const recordsOf = ({ projectId }: SeededIteration) => proxy.records(projectId);
const deliver = async ({ projectId, iterationId }: SeededIteration, name: string) =>
  (await proxy.deliver({ body: { projectId, iterationId, name } })).renameId;

describe('an upstream that acts and answers 408', () => {
  it('has renamed: the caller gets 200, and the record says by what it is known', async () => {
    const iteration = proxy.seed();
    injectFault(proxy, iteration, 'PATCH', { kind: 'status', status: 408, acts: true });
    const answer = await proxy.rename(iteration, { name: 'A' });
    expect({ status: answer.status, name: answer.json['name'] }).toEqual({ status: 200, name: 'A' });
    expect(await recordsOf(iteration)).toMatchObject([
      { status: 'succeeded', evidence: 'state', upstreamStatus: 408, previousName: 'Iteration 1' },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
  });

  it('has renamed for a delivery too, once', async () => {
    const iteration = proxy.seed();
    injectFault(proxy, iteration, 'PATCH', { kind: 'status', status: 408, acts: true });
    const record = await proxy.ended(iteration, await deliver(iteration, 'A'));
    expect(record).toMatchObject({ status: 'succeeded', evidence: 'state' });
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
  });
});

describe('an upstream that takes the name in another form', () => {
  const REQUESTED = 'two  spaces';
  const APPLIED = 'two spaces';

  it('has renamed: the caller gets 200 with the form, and the record keeps both', async () => {
    const iteration = proxy.seed();
    const { status, json } = await proxy.rename(iteration, { name: REQUESTED });
    expect({ status, name: json['name'] }).toEqual({ status: 200, name: APPLIED });
    expect(await recordsOf(iteration)).toMatchObject([
      { status: 'succeeded', requestedName: REQUESTED, appliedName: APPLIED, previousName: 'Iteration 1' },
    ]);
    await proxy.rename(iteration, { name: 'next' });
    expect((await recordsOf(iteration))[0]).toMatchObject({ previousName: APPLIED });
  });

  it('has renamed for a delivery too, once', async () => {
    const iteration = proxy.seed();
    const record = await proxy.ended(iteration, await deliver(iteration, REQUESTED));
    expect(record).toMatchObject({ status: 'succeeded', appliedName: APPLIED });
    expect(namesTaken(proxy, iteration)).toEqual([APPLIED]);
  });

  it.each([
    { case: 'answers 503', fault: { kind: 'status', status: 503, acts: true } },
    { case: 'hangs', fault: { kind: 'hang', acts: true } },
  ] as const)('has renamed where it acts and $case: the form is recognised', async ({ fault }) => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: REQUESTED });
    injectFault(proxy, iteration, 'PATCH', fault);
    const first = await ask();
    if (first.status !== 200) {
      await waitAsAsked(first);
      expect((await ask()).status).toBe(200);
    }
    expect(await recordsOf(iteration)).toMatchObject([
      { status: 'succeeded', appliedName: APPLIED, evidence: 'state', previousName: 'Iteration 1' },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual([APPLIED]);
  });
});

describe('a delivery that has waited for 25 hours in the queue', () => {
  it('is not unresolved at once where one look cannot be read: the next one tells the truth', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const yesterday = await proxy.stack.startApp({
      nodeArgs: ['--import', new URL('../stack/shift-clock.ts', import.meta.url).href],
      settings: {
        CLOCK_SHIFT_MS: String(-25 * 60 * 60 * 1000),
        'AzureWebJobs.carry-out-rename.Disabled': 'true',
        'AzureWebJobs.sweep-renames.Disabled': 'true',
      },
    });
    injectFault(proxy, iteration, 'PATCH', { kind: 'hang', acts: true, times: 1 });
    const unreadable = proxy.stack.customVision.faults.inject({
      kind: 'status',
      status: 500,
      times: 1,
      when: ({ method, path }) =>
        method === 'GET' && path.includes(iterationId) && namesTaken(proxy, iteration).length > 0,
    });
    const { status, renameId } = await proxy.deliver({
      source: 'github',
      body: { projectId, iterationId, name: 'A' },
      app: yesterday,
    });
    expect(status).toBe(202);
    await yesterday.stop();
    await expect.poll(() => namesTaken(proxy, iteration), { timeout: 10_000 }).toEqual(['A']);
    for (
      let sweeps = 0;
      sweeps < 10 && (await recordsOf(iteration))[0]?.['status'] === 'pending';
      sweeps += 1
    ) {
      await sleep(1000);
      await proxy.app.invoke('sweep-renames');
    }
    expect(unreadable.hits()).toBe(1);
    const [record] = await recordsOf(iteration);
    expect(record).toMatchObject({
      renameId,
      status: 'succeeded',
      evidence: 'state',
      previousName: 'Iteration 1',
    });
    expect(Number(record?.['durationMs'])).toBeGreaterThan(25 * 60 * 60 * 1000);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
  });
});

describe('an Idempotency-Key', () => {
  const GATEWAY_ERROR =
    '{"error":{"code":"403","message":"Access denied due to Virtual Network/Firewall rules."}}';

  it.each([
    { case: 'a 408', fault: { kind: 'status', status: 408 } },
    { case: "a firewall's 403", fault: { kind: 'status', status: 403, body: GATEWAY_ERROR } },
  ] as const)('renames after $case that has passed, and replays nothing of it', async ({ fault }) => {
    const iteration = proxy.seed();
    const ask = () => proxy.rename(iteration, { name: 'A', headers: { 'idempotency-key': 'passing' } });
    injectFault(proxy, iteration, 'PATCH', { ...fault, times: 1 });
    const first = await ask();
    expect(first.status).toBe(502);
    if (first.headers.has('retry-after')) await waitAsAsked(first);
    const again = await ask();
    expect({ status: again.status, isReplayed: again.headers.has('idempotency-replayed') }).toEqual({
      status: 200,
      isReplayed: false,
    });
    expect(await recordsOf(iteration)).toMatchObject([
      { status: 'succeeded', replaces: shownOf(first).renameId },
      { status: 'not_applied' },
    ]);
    expect(nameNow(proxy, iteration)).toBe('A');
  });
});
