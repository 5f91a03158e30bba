import type { QueueClient } from '@azure/storage-queue';
import type { RenameQueue } from '../rename/queued/queued-rename.ts';
import { formatQueuedRename } from './queued-rename-message.ts';

/** For one `enqueue`, retries included. */
const TIMEOUT_MS = 5000;
/** The service's limit for a visibility timeout. */
const MAX_DELAY_SECONDS = 7 * 24 * 60 * 60;
/** An accepted rename does not expire. */
const NEVER = -1;

/** The queue `renames`. The deployment creates it; if it is missing, the first message does. */
export function createRenameQueue({
  client,
}: {
  readonly client: Pick<QueueClient, 'sendMessage' | 'createIfNotExists'>;
}): RenameQueue {
  return {
    async enqueue(rename, delayMs) {
      const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
      const text = formatQueuedRename(rename);
      const options = {
        abortSignal,
        messageTimeToLive: NEVER,
        visibilityTimeout: Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delayMs / 1000))),
      };
      try {
        await client.sendMessage(text, options);
      } catch (error) {
        if (!isMissing(error)) throw error;
        await client.createIfNotExists({ abortSignal });
        await client.sendMessage(text, options);
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}
