import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { notificationOf, startTrainingProxy, type TrainingProxy } from './training-proxy.ts';

let proxy: TrainingProxy;

beforeAll(async () => {
  proxy = await startTrainingProxy();
});
afterAll(() => proxy.stop());

describe('a trained iteration', () => {
  it.each([
    { case: 'plain', encode: (text: string) => text },
    { case: 'base64', encode: (text: string) => Buffer.from(text).toString('base64') },
  ])('is named on a $case notification', async ({ encode }) => {
    const iteration = proxy.seedTrained('Iteration 7');
    await proxy.queue.sendMessage(encode(notificationOf(iteration)));
    expect(await proxy.ended(iteration)).toMatchObject({
      status: 'succeeded',
      trigger: 'training',
      callerId: 'training:default',
      previousName: 'Iteration 7',
      requestedName: 'Iteration 7 of 2026-03-04',
    });
  });

  it('is named once for duplicate notifications', async () => {
    const iteration = proxy.seedTrained('Iteration 8');
    for (let times = 0; times < 5; times += 1) await proxy.queue.sendMessage(notificationOf(iteration));
    await proxy.ended(iteration);
    await proxy.queue.sendMessage(notificationOf(iteration));
    await sleep(1000);
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
    const { customVision } = proxy.stack;
    expect(customVision.iteration(iteration.projectId, iteration.iterationId)?.name).toBe(
      'Iteration 8 of 2026-03-04',
    );
  });

  it('whose name is taken gets a rejected record, and no retry', async () => {
    const iteration = proxy.seedTrained('Iteration 9');
    proxy.stack.customVision.addIteration(iteration.projectId, { name: 'Iteration 9 of 2026-03-04' });
    await proxy.queue.sendMessage(notificationOf(iteration));
    expect(await proxy.ended(iteration)).toMatchObject({
      status: 'rejected',
      upstreamCode: 'BadRequestIterationNameNotUnique',
    });
    await sleep(500);
    expect(proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it.each([
    {
      case: 'for which the expression yields null',
      name: 'Live',
      more: { publishName: 'live' },
      says: '"renameId":null',
    },
    {
      case: 'whose new name has no grant',
      name: 'Iteration!',
      more: {},
      says: 'no grant allows training:default',
    },
    { case: 'whose new name is not valid', name: ' padded', more: {}, says: 'must not begin or end' },
  ])('$case keeps its name', async ({ name, more, says }) => {
    const iteration = proxy.seedTrained(name, more);
    await proxy.queue.sendMessage(notificationOf(iteration));
    expect(await proxy.logged(iteration.iterationId)).toContain(says);
    expect(await proxy.records(iteration.projectId)).toEqual([]);
  });
});

describe('every other message is acknowledged and logged', () => {
  it.each([
    {
      case: 'a failed training',
      content: { trainingStatus: 'TrainingFailed' },
      type: 'Training',
      says: 'TrainingFailed',
    },
    {
      case: 'an export',
      content: { exportStatus: 'ExportCompleted', modelUri: 'https://x.invalid/m' },
      type: 'Export',
      says: 'ExportCompleted',
    },
    {
      case: 'a connection test',
      content: { projectId: 'p' },
      type: 'ConnectionTest',
      says: 'ConnectionTest',
    },
  ])('$case', async ({ type, content, says }) => {
    await proxy.queue.sendMessage(JSON.stringify({ version: '1.0', type, Content: content }));
    expect(await proxy.logged(says)).toContain('notification_received');
  });

  const ids = { projectId: randomUUID(), iterationId: randomUUID() };
  it.each([
    { case: 'nonsense', sent: 'nonsense!', shown: 'nonsense!' },
    { case: 'base64 of nonsense', sent: 'bm9uc2Vuc2U=', shown: 'bm9uc2Vuc2U=' },
    { case: 'a number', sent: '271828182845904', shown: '271828182845904' },
    {
      case: 'a training without ids',
      sent: '{"type":"Training","Content":{"trainingStatus":"TrainingCompleted","n":1}}',
      shown: '\\"n\\":1',
    },
    {
      case: 'a training without its content',
      sent: JSON.stringify({ type: 'Training', ...ids, trainingStatus: 'TrainingCompleted' }),
      shown: ids.iterationId,
    },
  ])('with its text, if it is $case', async ({ sent, shown }) => {
    await proxy.queue.sendMessage(sent);
    const line = await proxy.logged(shown, 'notification_refused');
    expect(line).toContain('it is not a notification');
    // The host deletes the message after the function has ended, so after the line in the log.
    await expect
      .poll(async () => (await proxy.queue.getProperties()).approximateMessagesCount, { timeout: 10_000 })
      .toBe(0);
  });
});

const failsFor = ({ iterationId }: SeededIteration, times: number) =>
  proxy.stack.customVision.faults.inject({
    kind: 'status',
    status: 500,
    when: ({ path }) => path.includes(iterationId),
    times,
  });

describe('an iteration that cannot be read', () => {
  it('is named on a retry', async () => {
    const iteration = proxy.seedTrained('Iteration 10');
    failsFor(iteration, 2);
    await proxy.queue.sendMessage(notificationOf(iteration));
    expect(await proxy.ended(iteration)).toMatchObject({ status: 'succeeded' });
  });

  it('on any attempt has its notification logged, and does not block the queue', async () => {
    const iteration = proxy.seedTrained('Iteration 11');
    failsFor(iteration, 1000);
    await proxy.queue.sendMessage(notificationOf(iteration));
    const line = await proxy.logged(iteration.iterationId, 'message_poisoned');
    expect(line).toContain('TrainingCompleted');
    expect(await proxy.records(iteration.projectId)).toEqual([]);
    const other = proxy.seedTrained('Iteration 12');
    await proxy.queue.sendMessage(notificationOf(other));
    expect(await proxy.ended(other)).toMatchObject({ status: 'succeeded' });
  });
});
