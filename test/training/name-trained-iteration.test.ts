import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RecordRow,
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
} from '../functions/rename-proxy.ts';

let proxy: RenameProxy;
let queue: QueueClient;

beforeAll(async () => {
  const QUEUE = 'trained-models';
  // The stack chooses the endpoints, so the settings are completed after it starts.
  proxy = await startRenameProxy({});
  const resources: Record<string, object> = JSON.parse(proxy.stack.settings['CUSTOM_VISION_RESOURCES'] ?? '');
  const iterationName = `iteration.publishName ? null
    : iteration.name & " of " & $substring(iteration.trainedAt, 0, 10)`;
  const named = { ...resources['default'], notificationQueue: QUEUE, iterationName };
  await proxy.app.stop();
  proxy.app = await proxy.stack.startApp({
    settings: {
      CUSTOM_VISION_RESOURCES: JSON.stringify({ default: named }),
      ACCESS_POLICY: JSON.stringify([
        {
          caller: 'training:default',
          projects: ['*'],
          resources: ['default'],
          names: '[^!]*',
          may: ['rename'],
        },
      ]),
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.2',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '3',
    },
  });
  queue = new QueueClient(proxy.stack.azurite.connectionString, QUEUE);
  await queue.createIfNotExists();
});
afterAll(() => proxy.stop());

const TRAINED_AT = '2026-03-04T05:06:07.000Z';

function seed(name: string, more: object = {}): SeededIteration {
  const iteration = proxy.seed(name);
  const { customVision } = proxy.stack;
  customVision.addIteration(iteration.projectId, {
    id: iteration.iterationId,
    name,
    trainedAt: TRAINED_AT,
    ...more,
  });
  return iteration;
}

function notificationOf(
  { projectId, iterationId }: SeededIteration,
  trainingStatus = 'TrainingCompleted',
): string {
  return JSON.stringify({
    version: '1.0',
    type: 'Training',
    Content: { projectId, iterationId, trainingStatus },
  });
}

async function ended(iteration: SeededIteration): Promise<RecordRow> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs; await sleep(50)) {
    const [record] = await proxy.records(iteration.projectId);
    if (record !== undefined && record['status'] !== 'pending') return record;
  }
  throw new Error(`no record has ended\n${proxy.app.output()}`);
}

/** Waits for the first log line with an event of this kind and this text. */
async function logged(text: string, kind = 'notification_'): Promise<string> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs; await sleep(50)) {
    const line = proxy.app
      .output()
      .split('\n')
      .find((one) => one.includes(`"event":"${kind}`) && one.includes(text));
    if (line !== undefined) return line;
  }
  throw new Error(`"${text}" was not logged\n${proxy.app.output()}`);
}

describe('a trained iteration', () => {
  it.each([
    { case: 'plain', encode: (text: string) => text },
    { case: 'base64', encode: (text: string) => Buffer.from(text).toString('base64') },
  ])('is named on a $case notification', async ({ encode }) => {
    const iteration = seed('Iteration 7');
    await queue.sendMessage(encode(notificationOf(iteration)));
    expect(await ended(iteration)).toMatchObject({
      status: 'succeeded',
      trigger: 'training',
      callerId: 'training:default',
      previousName: 'Iteration 7',
      requestedName: 'Iteration 7 of 2026-03-04',
    });
  });

  it('is named once for duplicate notifications', async () => {
    const iteration = seed('Iteration 8');
    for (let times = 0; times < 5; times += 1) await queue.sendMessage(notificationOf(iteration));
    await ended(iteration);
    await queue.sendMessage(notificationOf(iteration));
    await sleep(1000);
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
    const { customVision } = proxy.stack;
    expect(customVision.iteration(iteration.projectId, iteration.iterationId)?.name).toBe(
      'Iteration 8 of 2026-03-04',
    );
  });

  it('whose name is taken gets a rejected record, and no retry', async () => {
    const iteration = seed('Iteration 9');
    proxy.stack.customVision.addIteration(iteration.projectId, { name: 'Iteration 9 of 2026-03-04' });
    await queue.sendMessage(notificationOf(iteration));
    expect(await ended(iteration)).toMatchObject({
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
    const iteration = seed(name, more);
    await queue.sendMessage(notificationOf(iteration));
    expect(await logged(iteration.iterationId)).toContain(says);
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
    await queue.sendMessage(JSON.stringify({ version: '1.0', type, Content: content }));
    expect(await logged(says)).toContain('notification_received');
  });

  const ids = { projectId: randomUUID(), iterationId: randomUUID() };
  it.each([
    { case: 'nonsense', sent: 'nonsense!', shown: 'nonsense!' },
    { case: 'base64 of nonsense', sent: 'bm9uc2Vuc2U=', shown: 'bm9uc2Vuc2U=' },
    { case: 'a number', sent: '4711', shown: '4711' },
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
    await queue.sendMessage(sent);
    const line = await logged(shown);
    expect(line).toContain('notification_refused');
    expect(line).toContain('it is not a notification');
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
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
    const iteration = seed('Iteration 10');
    failsFor(iteration, 2);
    await queue.sendMessage(notificationOf(iteration));
    expect(await ended(iteration)).toMatchObject({ status: 'succeeded' });
  });

  it('on any attempt has its notification logged, and does not block the queue', async () => {
    const iteration = seed('Iteration 11');
    failsFor(iteration, 1000);
    await queue.sendMessage(notificationOf(iteration));
    const line = await logged(iteration.iterationId, 'message_poisoned');
    expect(line).toContain('TrainingCompleted');
    expect(await proxy.records(iteration.projectId)).toEqual([]);
    const other = seed('Iteration 12');
    await queue.sendMessage(notificationOf(other));
    expect(await ended(other)).toMatchObject({ status: 'succeeded' });
  });
});
