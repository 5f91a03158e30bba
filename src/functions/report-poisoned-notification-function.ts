import { app, type StorageQueueHandler } from '@azure/functions';
import { logPoisoned } from '../observability/log-poisoned.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { STORAGE_CONNECTION } from '../storage-queue/queue-names.ts';

/**
 * Logs each notification whose iteration could not be read on any attempt. There is no name yet, so there is
 * no record to write; an operator can put the logged message into the queue again.
 */
export function registerReportPoisonedNotification({
  resource,
  queueName,
}: {
  readonly resource: string;
  readonly queueName: string;
}): void {
  app.storageQueue(`report-poisoned-notification-${resource}`, {
    queueName: `${queueName}-poison`,
    connection: STORAGE_CONNECTION,
    handler: reportPoisoned,
  });
}

const reportPoisoned: StorageQueueHandler = (message, context) => {
  logPoisoned(context, messageText(message), null);
};
