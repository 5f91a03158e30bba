import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;
let queue: QueueClient;

/** Longer than the two minutes after which the sweep takes a message for lost. */
const LATER_MS = 130_000;

beforeAll(async () => {
  proxy = await startWebhookProxy({ settings: { 'AzureWebJobs.sweep-renames.Disabled': 'false' } });
  queue = new QueueClient(proxy.stack.azurite.connectionString, 'renames');
  await queue.createIfNotExists();
});
afterAll(() => proxy.stop());
afterEach(async () => {
  delete proxy.stack.tables.hooks.onEffect;
  await proxy.clearFaults();
});

const deliver = ({ projectId, iterationId }: SeededIteration, name: string, id?: string) =>
  proxy.deliver({ body: { projectId, iterationId, name }, ...(id === undefined ? {} : { id }) });
const patches = (iteration: SeededIteration) =>
  proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH');

/** Sweeps as if the table's clock had gone on: the rows are older, by the table's own `Date`. */
async function sweepLater(): Promise<void> {
  proxy.stack.tables.hooks.onEffect = (_entry, answer) => {
    const date = Date.parse(String(answer.headers?.['date']));
    answer.headers = { ...answer.headers, date: new Date(date + LATER_MS).toUTCString() };
  };
  await proxy.app.invoke('sweep-renames');
}

describe('a queue that is down', () => {
  it('refuses no delivery: the answer is 202 and true, and the sweep has the rename carried out', async () => {
    const iteration = proxy.seed();
    await proxy.stack.queues.faults.refuse();
    const { status, renameId } = await deliver(iteration, 'without a queue');
    expect(status).toBe(202);
    expect(proxy.app.output()).toContain(`{"event":"enqueue_failed","renameId":"${renameId}"}`);
    await proxy.clearFaults();
    await proxy.app.invoke('sweep-renames');
    expect(await proxy.records(iteration.projectId)).toMatchObject([{ status: 'pending' }]);
    await sweepLater();
    expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
    expect(patches(iteration)).toHaveLength(1);
  });

  it('is made up for by a duplicate, too, under the same id', async () => {
    const iteration = proxy.seed();
    await proxy.stack.queues.faults.refuse();
    const first = await deliver(iteration, 'retried', 'delivery-7');
    await proxy.clearFaults();
    expect(await deliver(iteration, 'retried', 'delivery-7')).toMatchObject({
      status: 202,
      text: first.text,
    });
    expect(await proxy.ended(iteration, first.renameId)).toMatchObject({ status: 'succeeded' });
    expect(patches(iteration)).toHaveLength(1);
  });

  it('that loses every answer, and not the message, makes one rename', async () => {
    const iteration = proxy.seed();
    const lost = proxy.stack.queues.faults.inject({
      kind: 'answer-lost',
      when: ({ method, path }) => method === 'POST' && path.includes('/renames/messages'),
    });
    const { status, renameId } = await deliver(iteration, 'answer lost');
    expect(status).toBe(202);
    expect(lost.hits()).toBeGreaterThan(0);
    expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
    expect(patches(iteration)).toHaveLength(1);
  });
});

it('a message that is lost is sent again by the sweep', async () => {
  const iteration = proxy.seed();
  await proxy.app.stop();
  const accepting = await proxy.stack.startApp({
    settings: { 'AzureWebJobs.carry-out-rename.Disabled': 'true' },
  });
  const { projectId, iterationId } = iteration;
  const body = { projectId, iterationId, name: 'lost' };
  const { renameId } = await proxy.deliver({ app: accepting, body });
  await accepting.stop();
  expect((await queue.getProperties()).approximateMessagesCount).toBeGreaterThan(0);
  await queue.clearMessages();
  proxy.app = await proxy.stack.startApp();
  await sweepLater();
  expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
  expect(patches(iteration)).toHaveLength(1);
});
