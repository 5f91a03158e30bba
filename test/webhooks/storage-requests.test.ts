import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;

beforeAll(async () => {
  proxy = await startWebhookProxy();
});
afterAll(() => proxy.stop());

/** Another iteration of a project that has been active today. */
async function warmIteration(): Promise<SeededIteration> {
  const first = proxy.seed();
  const { projectId, iterationId } = first;
  const { renameId } = await proxy.deliver({ body: { projectId, iterationId, name: 'first' } });
  await proxy.ended(first, renameId);
  const second = { ...first, iterationId: randomUUID() };
  proxy.stack.customVision.addIteration(projectId, { id: second.iterationId, name: 'Iteration 2' });
  await sleep(500); // until the host has deleted the message
  return second;
}

function counting() {
  const { tables, queues } = proxy.stack;
  const from = { tables: tables.journal.length, queues: queues.journal.length };
  return () => ({
    tables: tables.operations(from.tables).map(({ operation }) => operation),
    // The host itself takes and deletes messages, at the same cost however they are written.
    queues: queues
      .operations(from.queues)
      .map(({ operation }) => operation)
      .filter((operation) => operation === 'enqueue'),
  });
}

const deliver = ({ projectId, iterationId }: SeededIteration, name: string, id: string) =>
  proxy.deliver({ id, body: { projectId, iterationId, name } });

describe('a delivery costs', () => {
  it('two storage requests until its 202, and three for its rename', async () => {
    const iteration = await warmIteration();
    proxy.stack.customVision.faults.inject({ kind: 'delay', delayMs: 1000, when: 'PATCH', times: 1 });
    const untilAnswered = counting();
    const { renameId } = await deliver(iteration, 'counted', randomUUID());
    const accepted = untilAnswered();
    const untilEnded = counting();
    await proxy.ended(iteration, renameId);
    expect(accepted.queues).toEqual(['enqueue']);
    // The message may be taken before the 202 is read here.
    expect([...accepted.tables, ...untilEnded().tables]).toEqual(['batch', 'get', 'batch', 'batch']);
    expect(untilEnded().queues).toEqual([]);
    process.stdout.write(
      'storage requests of a 202: 2 (record, message); of its rename: 3 (read, begin, complete)\n',
    );
  });

  it('one more on the first rename of a project in a day', async () => {
    const iteration = proxy.seed();
    const untilAnswered = counting();
    const { renameId } = await deliver(iteration, 'first', randomUUID());
    await proxy.ended(iteration, renameId);
    expect(untilAnswered().tables).toEqual(['merge', 'batch', 'get', 'batch', 'batch']);
  });

  it('three where it is a duplicate of one that has ended: the claim is met, and tells the record', async () => {
    const iteration = await warmIteration();
    const id = randomUUID();
    const { renameId } = await deliver(iteration, 'twice', id);
    await proxy.ended(iteration, renameId);
    await sleep(500);
    const untilAnswered = counting();
    expect((await deliver(iteration, 'twice', id)).renameId).toBe(renameId);
    expect(untilAnswered()).toEqual({ tables: ['batch', 'get', 'get'], queues: [] });
  });
});
