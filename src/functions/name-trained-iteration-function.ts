import { app, type StorageQueueHandler } from '@azure/functions';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { logPoisoned } from '../observability/log-poisoned.ts';
import { STORAGE_CONNECTION } from '../storage-queue/queue-client.ts';
import type { NameTrainedIteration } from '../training/name-trained-iteration.ts';
import { parseNotification } from '../training/notification.ts';

/** Of a message that nobody understands: enough to find out who sent it, and what it was to say. */
const MAX_LOGGED_LENGTH = 1024;

/** Takes what Custom Vision says of one resource's projects, and names each iteration that was trained. Everything else is acknowledged and logged. */
export function registerNameTrainedIteration({
  resource,
  queueName,
  nameTrainedIteration,
}: {
  readonly resource: string;
  readonly queueName: string;
  readonly nameTrainedIteration: NameTrainedIteration;
}): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const text = messageText(message);
    const notification = parseNotification(text);
    if (notification === null) {
      const shown = text.slice(0, MAX_LOGGED_LENGTH).toWellFormed();
      const reason = 'it is no notification';
      logEvent(context, { event: 'notification_refused', resource, reason, message: shown });
      return;
    }
    if (notification.kind === 'other') {
      const { type, status } = notification;
      logEvent(context, { event: 'notification_received', resource, type, status, renameId: null });
      return;
    }
    const { projectId, iterationId } = notification;
    const naming = await nameTrainedIteration(
      notification,
      parseTraceContext(context.traceContext?.traceParent),
    );
    if (naming.kind === 'refused') {
      const { reason } = naming;
      logEvent(context, { event: 'notification_refused', resource, projectId, iterationId, reason });
      return;
    }
    logEvent(context, {
      event: 'notification_received',
      resource,
      projectId,
      iterationId,
      type: 'Training',
      status: 'TrainingCompleted',
      renameId: naming.kind === 'accepted' ? naming.renameId : null,
    });
  };
  app.storageQueue(`name-trained-iteration-${resource}`, {
    queueName,
    connection: STORAGE_CONNECTION,
    handler,
  });
  app.storageQueue(`report-poisoned-notification-${resource}`, {
    queueName: `${queueName}-poison`,
    connection: STORAGE_CONNECTION,
    handler: reportPoisoned,
  });
}

/** The iteration could not be read in any try, so there is no name for a record to hold: the log keeps the message, which may be put into the queue again. */
const reportPoisoned: StorageQueueHandler = (message, context) => {
  logPoisoned(context, messageText(message), null);
};
