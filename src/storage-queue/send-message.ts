import type { QueueClient } from '@azure/storage-queue';

/** For one message, retries included. */
const TIMEOUT_MS = 5000;
/** The service's limit for a visibility timeout. */
const MAX_DELAY_SECONDS = 7 * 24 * 60 * 60;
/** What waits in a queue of ours does not expire. */
const NEVER = -1;

/** Puts a text into a queue, to be delivered at the earliest `delayMs` from now. */
export function createSendMessage({
  client,
}: {
  readonly client: Pick<QueueClient, 'sendMessage'>;
}): (text: string, delayMs: number) => Promise<void> {
  return async function sendMessage(text, delayMs) {
    await client.sendMessage(text, {
      abortSignal: AbortSignal.timeout(TIMEOUT_MS),
      messageTimeToLive: NEVER,
      visibilityTimeout: Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delayMs / 1000))),
    });
  };
}
