import type { LogEvent } from '../observability/log-event.ts';
import type { TraceContext } from '../http/trace-context.ts';
import type { NameTrainedIteration } from './name-trained-iteration.ts';
import { parseNotification } from './notification.ts';

/** Long enough to find out who sent an unreadable message, and what it was meant to say. */
const MAX_LOGGED_LENGTH = 1024;

/**
 * Handles one message of a notification queue. Resolves to the event to log; rejects when a retry may
 * succeed.
 */
export type ReceiveNotification = (
  text: string,
  trace: TraceContext,
) => Promise<Extract<LogEvent, { event: 'notification_received' | 'notification_refused' }>>;

/** Names trained iterations; acknowledges every other notification. */
export function createReceiveNotification({
  resource,
  nameTrainedIteration,
}: {
  readonly resource: string;
  readonly nameTrainedIteration: NameTrainedIteration;
}): ReceiveNotification {
  return async function receiveNotification(text, trace) {
    const notification = parseNotification(text);
    if (notification === null) {
      const message = text.slice(0, MAX_LOGGED_LENGTH).toWellFormed();
      return { event: 'notification_refused', resource, reason: 'it is not a notification', message };
    }
    if (notification.kind === 'other') {
      const { type, status } = notification;
      return { event: 'notification_received', resource, type, status, renameId: null };
    }
    const { projectId, iterationId } = notification;
    const naming = await nameTrainedIteration(notification, trace);
    if (naming.kind === 'refused') {
      return { event: 'notification_refused', resource, projectId, iterationId, reason: naming.reason };
    }
    return {
      event: 'notification_received',
      resource,
      projectId,
      iterationId,
      type: 'Training',
      status: 'TrainingCompleted',
      renameId: naming.kind === 'accepted' ? naming.renameId : null,
    };
  };
}
