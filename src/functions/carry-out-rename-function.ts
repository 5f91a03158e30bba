import { app, type StorageQueueHandler } from '@azure/functions';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { RENAMES_QUEUE, STORAGE_CONNECTION } from '../storage-queue/queue-names.ts';
import type { ReceiveQueuedRename } from '../storage-queue/receive-queued-rename.ts';

/**
 * Handles the queue `renames`. An error counts as one of the host's attempts; after the last, the message is
 * poison.
 */
export function registerCarryOutRename({ receive }: { readonly receive: ReceiveQueuedRename }): void {
  const handler: StorageQueueHandler = (message, context) =>
    receive({
      text: messageText(message),
      trace: parseTraceContext(context.traceContext?.traceParent),
      report: (event) => logEvent(context, event),
    });
  app.storageQueue('carry-out-rename', {
    queueName: RENAMES_QUEUE,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
