import { app, type StorageQueueHandler } from '@azure/functions';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import { logPoisoned } from '../observability/log-poisoned.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { parsePointer } from '../storage-queue/pointer-message.ts';
import { RENAMES_QUEUE, STORAGE_CONNECTION } from '../storage-queue/queue-names.ts';
import type { ReceiveQueuedRename } from '../storage-queue/receive-queued-rename.ts';

/**
 * Ends the record of each message that failed on every attempt, and logs where it stands, for an operator to
 * rename by hand.
 */
export function registerSettlePoisonedRename({ receive }: { readonly receive: ReceiveQueuedRename }): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const text = messageText(message);
    // Logs first: if the record cannot be written now, the message is still in the log. The host delivers it
    // again.
    logPoisoned(context, text, parsePointer(text)?.renameId ?? null);
    await receive({
      text,
      trace: parseTraceContext(context.traceContext?.traceParent),
      report: (event) => logEvent(context, event),
    });
  };
  app.storageQueue('settle-poisoned-rename', {
    queueName: `${RENAMES_QUEUE}-poison`,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
