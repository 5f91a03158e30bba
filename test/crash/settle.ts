import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { Instances } from './instances.ts';
import { readLocks } from './read-table.ts';

/** At most so many locks at a time are met by a next request; the sweep has the others, one a second. */
const VISITED_AT_A_TIME = 12;
const LOOK_AGAIN_AFTER_MS = 500;

/**
 * Lets everything come to its end: the queue is worked off, and what was left behind is settled in both ways there are, by
 * the sweep and by the next request that meets the lock. What is not settled in time is left for the judge to find.
 */
export async function settle({
  stack,
  instances,
  clients,
  ask,
  withinMs,
}: {
  readonly stack: Stack;
  readonly instances: Instances;
  readonly clients: Clients;
  readonly ask: AskList['ask'];
  readonly withinMs: number;
}): Promise<void> {
  const untilMs = Date.now() + withinMs;
  let isSettled = false;
  const sweeping = sweepWhile(instances, () => Date.now() < untilMs && !isSettled);
  while (Date.now() < untilMs) {
    const [locks, messages] = await Promise.all([readLocks(stack.azurite), countMessages(stack)]);
    if (locks.length === 0 && messages === 0) break;
    await Promise.all(
      locks.slice(-VISITED_AT_A_TIME).map(({ partitionKey: projectId, rowKey }) => {
        const iterationId = rowKey.slice('lock|'.length);
        return clients.persist(ask({ projectId, iterationId }));
      }),
    );
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
  isSettled = true;
  await sweeping;
}

/** One sweep after the other; where its instance is killed, the next one goes on in another. */
export async function sweepWhile(
  instances: Pick<Instances, 'pick'>,
  isGoingOn: () => boolean,
): Promise<void> {
  while (isGoingOn()) {
    const app = await instances.pick();
    await app.invoke('sweep-renames').catch(() => {});
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
}

/** Of the queue and of its poison queue, whether they show just now or not. */
export async function countMessages({ azurite }: Pick<Stack, 'azurite'>): Promise<number> {
  const counts = await Promise.all(
    ['renames', 'renames-poison'].map(async (name) => {
      const queue = new QueueClient(azurite.connectionString, name);
      if (!(await queue.exists())) return 0;
      return (await queue.getProperties()).approximateMessagesCount ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
