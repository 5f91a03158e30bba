import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Random } from '../random.ts';
import type { Azurite } from '../stack/azurite.ts';
import type { Asked } from './evidence.ts';

/** What a writer of the queue may write about a rename. No rename was asked for with the name in it. */
export const FORGED_NAME = 'a forged name';

type Place = Pick<Asked, 'projectId' | 'iterationId'>;

export const messageOf = ({ projectId }: Pick<Place, 'projectId'>, renameId: string): string =>
  JSON.stringify({ projectId, renameId });

/** Looks like the id of a rename, and is none. */
export const UNKNOWN_RENAME = '0000000000001-aaaaaaaaaa';

/** All that a rename needs, with a caller and a name of the writer's choice. */
export const fullMessage = ({ projectId, iterationId }: Place, renameId: string): string =>
  JSON.stringify({
    projectId,
    renameId,
    iterationId,
    requestedName: FORGED_NAME,
    name: FORGED_NAME,
    caller: { kind: 'function-key', id: 'function-key', name: null },
    trigger: 'webhook',
    resource: 'default',
    apiVersion: '..',
  });

export async function writeMessage(azurite: Pick<Azurite, 'connectionString'>, text: string): Promise<void> {
  const queue = new QueueClient(azurite.connectionString, 'renames');
  await queue.createIfNotExists();
  await queue.sendMessage(text);
}

const MAX_PAUSE_MS = 1000;

/** Writes messages of all kinds about renames of all kinds: a pointer to a queued rename is a duplicate. */
export async function forgeMessages({
  azurite,
  asked,
  random,
  isOver,
}: {
  readonly azurite: Pick<Azurite, 'connectionString'>;
  readonly asked: readonly Asked[];
  readonly random: Random;
  readonly isOver: () => boolean;
}): Promise<void> {
  while (!isOver()) {
    await sleep(random.below(MAX_PAUSE_MS));
    const one = asked[asked.length - 1 - random.below(Math.min(RECENT, asked.length))];
    if (one === undefined) continue;
    const renameId = one.attempts.find((attempt) => attempt.renameId !== null)?.renameId ?? UNKNOWN_RENAME;
    const [text = ''] = random.shuffled([
      messageOf(one, renameId),
      messageOf(one, renameId),
      messageOf(one, UNKNOWN_RENAME),
      fullMessage(one, renameId),
      fullMessage(one, UNKNOWN_RENAME),
      messageOf(one, renameId).slice(0, -random.below(20) - 1),
    ]);
    await writeMessage(azurite, text);
  }
}

/** So many of the last renames asked for: some of them are under way. */
const RECENT = 30;
