import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Clients } from './clients.ts';
import type { Instances } from './instances.ts';
import { readUnfinished } from './read-table.ts';
import { NOTICES_QUEUE } from './settings.ts';

/** So many locks are settled by a next request at a time; the sweep settles the others, one a second. */
const MAX_LOCKS_AT_ONCE = 12;
const POLL_INTERVAL_MS = 500;

/**
 * Waits until the queue is empty, nothing accepted waits and no lock is left. Abandoned renames are settled
 * in both ways: by the sweep, and by the next request that meets the lock. Whatever is not settled in time,
 * the judge finds.
 */
export async function drain({
  stack,
  instances,
  clients,
  ask,
  maxDrainMs,
}: {
  readonly stack: Stack;
  readonly instances: Instances;
  readonly clients: Clients;
  readonly ask: AskList['ask'];
  readonly maxDrainMs: number;
}): Promise<void> {
  const untilMs = Date.now() + maxDrainMs;
  let isDrained = false;
  const sweeping = sweepWhile(instances, () => Date.now() < untilMs && !isDrained);
  while (Date.now() < untilMs) {
    const [{ locks, accepted }, messages] = await Promise.all([
      readUnfinished(stack.azurite),
      countMessages(stack.azurite),
    ]);
    if (locks.length === 0 && accepted === 0 && messages === 0) break;
    await Promise.all(
      locks.slice(-MAX_LOCKS_AT_ONCE).map(({ partitionKey: projectId, rowKey }) => {
        const iterationId = rowKey.slice('lock|'.length);
        return clients.persist(ask({ projectId, iterationId }));
      }),
    );
    await sleep(POLL_INTERVAL_MS);
  }
  isDrained = true;
  await sweeping;
}

/** One sweep after the other; if its instance is killed, the next sweep runs in another. */
export async function sweepWhile(
  instances: Pick<Instances, 'pick'>,
  isRunning: () => boolean,
): Promise<void> {
  while (isRunning()) {
    const app = await instances.pick();
    await app.invoke('sweep-renames').catch(() => {});
    await sleep(POLL_INTERVAL_MS);
  }
}

/** In the queues and their poison queues, visible or not. */
export async function countMessages({
  connectionString,
}: Pick<Stack['azurite'], 'connectionString'>): Promise<number> {
  const counts = await Promise.all(
    ['renames', NOTICES_QUEUE]
      .flatMap((name) => [name, `${name}-poison`])
      .map(async (name) => {
        const queue = new QueueClient(connectionString, name);
        if (!(await queue.exists())) return 0;
        return (await queue.getProperties()).approximateMessagesCount ?? 0;
      }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
