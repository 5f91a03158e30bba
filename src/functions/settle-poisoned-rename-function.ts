import { app, type StorageQueueHandler } from '@azure/functions';
import { logEvent } from '../observability/log-event.ts';
import type { GiveUpRename } from '../rename/queued/give-up-rename.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { RENAMES_QUEUE, STORAGE_CONNECTION } from '../storage-queue/queue-client.ts';
import { parseQueuedRename } from '../storage-queue/queued-rename-message.ts';
import { logPoisoned } from '../observability/log-poisoned.ts';

/** Ends the records of messages that every try has failed on, and keeps in the log what a person needs to rename by hand. */
export function registerSettlePoisonedRename({ giveUp }: { readonly giveUp: GiveUpRename }): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const text = messageText(message);
    const queued = parseQueuedRename(text);
    // Logged first: it must be kept even where the record cannot be written now. The host brings the message again.
    logPoisoned(context, text, queued?.renameId ?? null);
    if (queued !== null) await giveUp(queued, (event) => logEvent(context, event));
  };
  app.storageQueue('settle-poisoned-rename', {
    queueName: `${RENAMES_QUEUE}-poison`,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
