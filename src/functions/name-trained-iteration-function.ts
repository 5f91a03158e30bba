import { app, type StorageQueueHandler } from '@azure/functions';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { STORAGE_CONNECTION } from '../storage-queue/queue-names.ts';
import type { ReceiveNotification } from '../training/receive-notification.ts';

/** Handles one resource's `notificationQueue`: names each iteration that Custom Vision has trained. */
export function registerNameTrainedIteration({
  resource,
  queueName,
  receive,
}: {
  readonly resource: string;
  readonly queueName: string;
  readonly receive: ReceiveNotification;
}): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const trace = parseTraceContext(context.traceContext?.traceParent);
    await receive(messageText(message), trace, (event) => logEvent(context, event));
  };
  app.storageQueue(`name-trained-iteration-${resource}`, {
    queueName,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
