import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordRow, SeededIteration } from '../functions/rename-proxy.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;

/** The attempts of the host are short, so that seconds outlast all of them. */
const ATTEMPTS = 4;
const THROTTLED_MS = 15_000;
const NO_WORKER = { 'AzureWebJobs.carry-out-rename.Disabled': 'true' };

beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: {
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: String(ATTEMPTS),
    },
  });
});
afterAll(() => proxy.stop());
afterEach(() => proxy.clearFaults());

const nameOf = ({ projectId, iterationId }: SeededIteration) =>
  proxy.stack.customVision.iteration(projectId, iterationId)?.name;
const patches = (iteration: SeededIteration) =>
  proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH');
const deliver = (
  { projectId, iterationId }: SeededIteration,
  name: string,
  app: FunctionApp,
  id = randomUUID(),
) => proxy.deliver({ id, app, body: { projectId, iterationId, name } });

/** Stops the only app that carries renames out: another one accepts them until a worker is started. */
async function acceptedWithoutWorker(iteration: SeededIteration, name: string): Promise<string> {
  await proxy.app.stop();
  const accepting = await proxy.stack.startApp({ settings: NO_WORKER });
  const { status, renameId } = await deliver(iteration, name, accepting);
  expect(status).toBe(202);
  await accepting.stop();
  expect(proxy.upstreamRequests(iteration)).toEqual([]);
  return renameId;
}

/** The record, once a worker with other settings has ended it. */
async function endedByWorker(
  iteration: SeededIteration,
  renameId: string,
  settings: Record<string, string>,
): Promise<RecordRow> {
  const app = await proxy.stack.startApp({ settings });
  try {
    return await proxy.ended(iteration, renameId);
  } finally {
    await app.stop();
    proxy.app = await proxy.stack.startApp();
  }
}

describe('a delivery that was accepted', () => {
  it('is not carried out where its grant was withdrawn meanwhile: the record says why', async () => {
    const iteration = proxy.seed();
    const renameId = await acceptedWithoutWorker(iteration, 'withdrawn');
    const grants = [{ caller: 'function-key', projects: ['*'], resources: ['*'], may: ['rename', 'read'] }];
    const settings = { ACCESS_POLICY: JSON.stringify(grants) };
    expect(await endedByWorker(iteration, renameId, settings)).toMatchObject({
      status: 'not_applied',
      upstreamMessage: 'No grant allows webhook:standard this rename any more.',
    });
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
    expect(nameOf(iteration)).toBe('Iteration 1');
  });

  it('is carried out although the last source was removed meanwhile', async () => {
    const iteration = proxy.seed();
    const renameId = await acceptedWithoutWorker(iteration, 'sourceless');
    const record = await endedByWorker(iteration, renameId, { WEBHOOK_SOURCES: '{}' });
    expect(record).toMatchObject({ status: 'succeeded' });
    expect(nameOf(iteration)).toBe('sourceless');
  });

  it('is not carried out where its resource has another endpoint by now', async () => {
    const iteration = proxy.seed();
    const renameId = await acceptedWithoutWorker(iteration, 'elsewhere');
    const resources = '{"default":{"endpoint":"http://127.0.0.1:9","trainingKeySecret":"training-key"}}';
    const settings = { CUSTOM_VISION_RESOURCES: resources };
    expect(await endedByWorker(iteration, renameId, settings)).toMatchObject({
      status: 'not_applied',
      upstreamMessage: expect.stringContaining('another endpoint'),
    });
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
  });

  it('is carried out after everything was throttled for far longer than all attempts, and never becomes poison', async () => {
    const iteration = proxy.seed();
    const { customVision } = proxy.stack;
    const throttled = customVision.faults.inject({
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '1', 'content-type': 'application/json' },
      body: '{"code":"TooManyRequests","message":"Rate limit is exceeded."}',
      when: ({ path }) => path.includes(iteration.iterationId),
    });
    const { renameId } = await deliver(iteration, 'patient', proxy.app);
    await sleep(THROTTLED_MS);
    expect(throttled.hits()).toBeGreaterThan(2 * ATTEMPTS);
    expect(await proxy.records(iteration.projectId)).toMatchObject([{ status: 'pending' }]);
    throttled.clear();
    expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
    expect(proxy.app.output()).not.toContain('"event":"message_poisoned"');
    process.stdout.write(`throttled for ${THROTTLED_MS / 1000} s: ${throttled.hits()} refusals, no poison\n`);
  }, 60_000);
});

describe('a delivery that comes again', () => {
  it('after its rename ended not_applied is carried out after all, under a record that replaces the first', async () => {
    const iteration = proxy.seed();
    const id = randomUUID();
    await proxy.stack.customVision.faults.refuse();
    const first = await deliver(iteration, 'redelivered', proxy.app, id);
    expect(await proxy.ended(iteration, first.renameId)).toMatchObject({ status: 'not_applied' });
    await proxy.clearFaults();

    const second = await deliver(iteration, 'redelivered', proxy.app, id);
    expect(second.status).toBe(202);
    expect(second.renameId).not.toBe(first.renameId);
    expect(await proxy.ended(iteration, second.renameId)).toMatchObject({
      status: 'succeeded',
      replaces: first.renameId,
    });
    expect(nameOf(iteration)).toBe('redelivered');

    const third = await deliver(iteration, 'redelivered', proxy.app, id);
    expect(third).toMatchObject({ status: 202, text: second.text });
    expect(await proxy.records(iteration.projectId)).toHaveLength(2);
    expect(patches(iteration)).toHaveLength(1);
  }, 60_000);
});
