import { app, type StorageQueueHandler } from '@azure/functions';
import { logEvent } from '../observability/log-event.ts';
import { logPoisoned } from '../observability/log-poisoned.ts';
import type { GiveUpRename } from '../rename/queued/give-up-rename.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { RENAMES_QUEUE, STORAGE_CONNECTION } from '../storage-queue/queue-client.ts';
import { parsePointer } from '../storage-queue/pointer-message.ts';

/**
 * Ends the record of each message that failed on every attempt, and logs what an operator needs to rename by
 * hand.
 */
export function registerSettlePoisonedRename({ giveUp }: { readonly giveUp: GiveUpRename }): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const text = messageText(message);
    const pointer = parsePointer(text);
    // Logs first: if the record cannot be written now, the message is still in the log. The host delivers it
    // again.
    logPoisoned(context, text, pointer?.renameId ?? null);
    if (pointer !== null) await giveUp(pointer, (event) => logEvent(context, event));
  };
  app.storageQueue('settle-poisoned-rename', {
    queueName: `${RENAMES_QUEUE}-poison`,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
