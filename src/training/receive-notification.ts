import type { LogEvent } from '../observability/log-event.ts';
import type { TraceContext } from '../http/trace-context.ts';
import type { NameTrainedIteration } from './name-trained-iteration.ts';
import { parseNotification, type TrainedNotification } from './notification.ts';

/** Long enough to find out who sent an unreadable message, and what it was meant to say. */
const MAX_LOGGED_LENGTH = 1024;

/** Puts a message back into the notification queue. */
export type RequeueNotification = (text: string, delayMs: number) => Promise<void>;

/**
 * Handles one message of a notification queue, and logs what became of it. Rejects when a retry may succeed.
 */
export type ReceiveNotification = (
  text: string,
  trace: TraceContext,
  report: (event: LogEvent) => void,
) => Promise<void>;

/** Custom Vision's pauses requeue a message for so long, without counting an attempt. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;

/** Names trained iterations; acknowledges every other notification. */
export function createReceiveNotification({
  resource,
  nameTrainedIteration,
  requeue,
  now,
}: {
  readonly resource: string;
  readonly nameTrainedIteration: NameTrainedIteration;
  readonly requeue: RequeueNotification;
  readonly now: () => number;
}): ReceiveNotification {
  return async function receiveNotification(text, trace, report) {
    const notification = parseNotification(text);
    if (notification === null) {
      const message = text.slice(0, MAX_LOGGED_LENGTH).toWellFormed();
      return report({ event: 'notification_refused', resource, reason: 'it is not a notification', message });
    }
    if (notification.kind === 'other') {
      const { type, status } = notification;
      return report({ event: 'notification_received', resource, type, status, renameId: null });
    }
    const { projectId, iterationId } = notification;
    const about = { resource, projectId, iterationId };
    const naming = await nameTrainedIteration(notification, trace, report);
    switch (naming.kind) {
      case 'refused':
        return report({ event: 'notification_refused', ...about, reason: naming.reason });
      case 'throttled':
        return report({ ...about, ...(await wait(notification, naming.retryAfterMs)) });
      case 'accepted':
      case 'ignored':
        return report({
          event: 'notification_received',
          ...about,
          type: 'Training',
          status: 'TrainingCompleted',
          renameId: naming.kind === 'accepted' ? naming.renameId : null,
        });
    }
  };

  async function wait({ message, throttledSince }: TrainedNotification, delayMs: number) {
    const nowMs = now();
    const claimedMs = Date.parse(throttledSince ?? '');
    // The message is untrusted: a time to come, or none, begins a day of patience now.
    const sinceMs = claimedMs <= nowMs ? claimedMs : nowMs;
    if (nowMs - sinceMs >= PATIENCE_MS) {
      const reason = 'Custom Vision has asked for pauses for a day';
      return { event: 'notification_refused', reason } as const;
    }
    await requeue(JSON.stringify({ ...message, throttledSince: new Date(sinceMs).toISOString() }), delayMs);
    return { event: 'notification_requeued', delayMs: Math.round(delayMs) } as const;
  }
}
