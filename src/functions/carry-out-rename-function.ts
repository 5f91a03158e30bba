import { app, type StorageQueueHandler } from '@azure/functions';
import { logEvent } from '../observability/log-event.ts';
import { errorName } from '../rename/error-name.ts';
import type { CarryOutRename } from '../rename/queued/carry-out-rename.ts';
import type { RenameQueue } from '../rename/queued/queued-rename.ts';
import { RenameError } from '../rename/rename-error.ts';
import { messageText } from '../storage-queue/message-text.ts';
import { RENAMES_QUEUE, STORAGE_CONNECTION } from '../storage-queue/queue-client.ts';
import { parseQueuedRename } from '../storage-queue/queued-rename-message.ts';

/** Takes the messages of the queue `renames`. What it throws uses up one of the host's tries; after the last one the message is poison. */
export function registerCarryOutRename({
  carryOut,
  queue,
}: {
  readonly carryOut: CarryOutRename;
  readonly queue: RenameQueue;
}): void {
  const handler: StorageQueueHandler = async (message, context) => {
    const queued = parseQueuedRename(messageText(message));
    if (queued === null) throw new TypeError('the message is no queued rename');
    const { renameId } = queued;
    const isFirstDelivery = queued.requeues === 0 && context.triggerMetadata?.['dequeueCount'] === 1;
    try {
      const done = await carryOut({ queued, isFirstDelivery, report: (event) => logEvent(context, event) });
      if (done.kind !== 'requeue') return;
      await queue.enqueue({ ...queued, requeues: queued.requeues + 1 }, done.delayMs);
      logEvent(context, {
        event: 'rename_requeued',
        renameId,
        reason: done.reason,
        delayMs: Math.round(done.delayMs),
        requeues: queued.requeues + 1,
      });
    } catch (error) {
      const reason = error instanceof RenameError ? error.code : errorName(error);
      logEvent(context, { event: 'rename_attempt_failed', renameId, reason });
      throw new Error(`the rename ${renameId} failed: ${reason}`, { cause: error });
    }
  };
  app.storageQueue('carry-out-rename', {
    queueName: RENAMES_QUEUE,
    connection: STORAGE_CONNECTION,
    handler,
  });
}
