import type { QueueClient } from '@azure/storage-queue';
import type { RenameQueue } from '../rename/queued/queued-rename.ts';
import { formatPointer } from './pointer-message.ts';
import { createSendMessage } from './send-message.ts';

/** The queue `renames`. The deployment creates it; if it is missing, the first message does. */
export function createRenameQueue({
  client,
}: {
  readonly client: Pick<QueueClient, 'sendMessage' | 'createIfNotExists'>;
}): RenameQueue {
  const sendMessage = createSendMessage({ client });
  return {
    async enqueue(pointer, delayMs) {
      const text = formatPointer(pointer);
      try {
        await sendMessage(text, delayMs);
      } catch (error) {
        if (!isMissing(error)) throw error;
        await client.createIfNotExists({ abortSignal: AbortSignal.timeout(CREATE_TIMEOUT_MS) });
        await sendMessage(text, delayMs);
      }
    },
  };
}

const CREATE_TIMEOUT_MS = 5000;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}
