import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Random } from '../random.ts';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { NamedIteration, SeededIteration } from './iterations.ts';
import { NOTICES_QUEUE } from './settings.ts';

const MAX_PAUSE_MS = 1500;
const SHARE_OF_DUPLICATES = 0.3;

/**
 * Custom Vision trains iterations, and puts a notice of each into the queue, some of them twice. Resolves to
 * them.
 */
export async function trainIterations({
  stack: { azurite, customVision },
  ask,
  projectsOf,
  random,
  isOver,
}: {
  readonly stack: Pick<Stack, 'azurite' | 'customVision'>;
  readonly ask: AskList['ask'];
  /** The iterations in whose projects it trains. */
  readonly projectsOf: readonly [SeededIteration, ...SeededIteration[]];
  readonly random: Random;
  readonly isOver: () => boolean;
}): Promise<NamedIteration[]> {
  const queue = new QueueClient(azurite.connectionString, NOTICES_QUEUE);
  await queue.createIfNotExists();
  const trained: NamedIteration[] = [];
  while (!isOver()) {
    await sleep(random.below(MAX_PAUSE_MS));
    const { projectId } = random.pick(projectsOf);
    const name = `Trained ${trained.length + 1}`;
    const { id: iterationId } = customVision.addIteration(projectId, { name });
    trained.push({ projectId, iterationId, name });
    ask({ projectId, iterationId }, { by: 'training', key: iterationId, name: `trained ${iterationId}` });
    const Content = { projectId, iterationId, trainingStatus: 'TrainingCompleted' };
    const notice = JSON.stringify({ type: 'Training', Content });
    await queue.sendMessage(notice);
    if (random.chance(SHARE_OF_DUPLICATES)) await queue.sendMessage(notice);
  }
  return trained;
}
