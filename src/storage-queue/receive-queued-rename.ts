import type { LogEvent } from '../observability/log-event.ts';
import { errorName } from '../rename/error-name.ts';
import type { CarryOutRename } from '../rename/queued/carry-out-rename.ts';
import type { RenameQueue } from '../rename/queued/queued-rename.ts';
import { RenameError } from '../rename/rename-error.ts';
import { parseQueuedRename } from './queued-rename-message.ts';

/** Carries out one message, or requeues it. Rejects when the attempt failed and the host must retry. */
export type ReceiveQueuedRename = (message: {
  readonly text: string;
  /** How often the host has delivered this message, this time included. */
  readonly dequeueCount: number;
  readonly report: (event: LogEvent) => void;
}) => Promise<void>;

export function createReceiveQueuedRename({
  carryOut,
  queue,
}: {
  readonly carryOut: CarryOutRename;
  readonly queue: RenameQueue;
}): ReceiveQueuedRename {
  return async function receiveQueuedRename({ text, dequeueCount, report }) {
    const queued = parseQueuedRename(text);
    if (queued === null) throw new TypeError('the message is not a queued rename');
    const { renameId } = queued;
    const isFirstDelivery = queued.requeues === 0 && dequeueCount === 1;
    try {
      const done = await carryOut({ queued, isFirstDelivery, report });
      if (done.kind !== 'requeue') return;
      const { reason, delayMs } = done;
      const requeues = queued.requeues + 1;
      await queue.enqueue({ ...queued, requeues }, delayMs);
      report({ event: 'rename_requeued', renameId, reason, delayMs: Math.round(delayMs), requeues });
    } catch (error) {
      const reason = error instanceof RenameError ? error.code : errorName(error);
      report({ event: 'rename_attempt_failed', renameId, reason });
      throw new Error(`the rename ${renameId} failed: ${reason}`, { cause: error });
    }
  };
}
