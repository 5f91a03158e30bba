import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import {
  type RecordRow,
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
  WITH_QUEUE,
} from '../functions/rename-proxy.ts';

const QUEUE = 'trained-models';
const TRAINED_AT = '2026-03-04T05:06:07.000Z';
/** The attempts of the host are short, so that seconds outlast all of them. */
export const ATTEMPTS = 3;

export interface TrainingProxy extends RenameProxy {
  queue: QueueClient;
  /** A trained iteration, in a project of its own. */
  seedTrained(name: string, more?: object): SeededIteration;
  /** Waits for the iteration's record to end. */
  ended(iteration: SeededIteration): Promise<RecordRow>;
  /** Waits for the first log line with an event of this kind and this text. */
  logged(text: string, kind?: string): Promise<string>;
}

/**
 * The app with a notification queue, and an expression that names each iteration by the day of its training.
 */
export async function startTrainingProxy(): Promise<TrainingProxy> {
  // The stack chooses the endpoints, so the settings are completed after it starts.
  const proxy = await startRenameProxy({ settings: WITH_QUEUE });
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
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: String(ATTEMPTS),
    },
  });
  const queue = new QueueClient(proxy.stack.azurite.connectionString, QUEUE);
  await queue.createIfNotExists();

  return {
    ...proxy,
    queue,
    seedTrained(name, more = {}) {
      const iteration = proxy.seed(name);
      const { projectId, iterationId } = iteration;
      const trained = { id: iterationId, name, trainedAt: TRAINED_AT, ...more };
      proxy.stack.customVision.addIteration(projectId, trained);
      return iteration;
    },
    async ended({ projectId }) {
      for (const endMs = Date.now() + 30_000; Date.now() < endMs; await sleep(50)) {
        const [record] = await proxy.records(projectId);
        if (record !== undefined && record['status'] !== 'pending') return record;
      }
      throw new Error(`no record has ended\n${proxy.app.output()}`);
    },
    async logged(text, kind = 'notification_') {
      for (const endMs = Date.now() + 30_000; Date.now() < endMs; await sleep(50)) {
        const line = proxy.app
          .output()
          .split('\n')
          .find((one) => one.includes(`"event":"${kind}`) && one.includes(text));
        if (line !== undefined) return line;
      }
      throw new Error(`"${text}" was not logged\n${proxy.app.output()}`);
    },
  };
}

export function notificationOf(
  { projectId, iterationId }: SeededIteration,
  trainingStatus = 'TrainingCompleted',
): string {
  return JSON.stringify({
    version: '1.0',
    type: 'Training',
    Content: { projectId, iterationId, trainingStatus },
  });
}
