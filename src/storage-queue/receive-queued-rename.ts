import type { TraceContext } from '../http/trace-context.ts';
import type { LogEvent } from '../observability/log-event.ts';
import { errorName } from '../rename/error-name.ts';
import type { CarryOutRename } from '../rename/queued/carry-out-rename.ts';
import type { RenameQueue } from '../rename/queued/queued-rename.ts';
import { RenameError } from '../rename/rename-error.ts';
import { parsePointer } from './pointer-message.ts';

/** Carries out one message, or requeues it. Rejects when the attempt failed and the host must retry. */
export type ReceiveQueuedRename = (message: {
  readonly text: string;
  readonly trace: TraceContext;
  readonly report: (event: LogEvent) => void;
}) => Promise<void>;

/** Long enough to find out who wrote a message that is not ours. */
const MAX_LOGGED_LENGTH = 200;

export function createReceiveQueuedRename({
  carryOut,
  queue,
}: {
  readonly carryOut: CarryOutRename;
  readonly queue: RenameQueue;
}): ReceiveQueuedRename {
  return async function receiveQueuedRename({ text, trace, report }) {
    const pointer = parsePointer(text);
    const drop = (reason: string) =>
      report({
        event: 'message_dropped',
        reason,
        message: text.slice(0, MAX_LOGGED_LENGTH).toWellFormed(),
      });
    if (pointer === null) return drop('it is not a pointer to a rename');
    const { renameId } = pointer;
    try {
      const done = await carryOut({ pointer, traceparent: trace.traceparent, report });
      if (done.kind === 'dropped') return drop('it points to no rename');
      if (done.kind === 'done') return;
      const { reason, delayMs } = done;
      await queue.enqueue(pointer, delayMs);
      report({ event: 'rename_requeued', renameId, reason, delayMs: Math.round(delayMs) });
    } catch (error) {
      const reason = error instanceof RenameError ? error.code : errorName(error);
      report({ event: 'rename_attempt_failed', renameId, reason });
      throw new Error(`the rename ${renameId} failed: ${reason}`, { cause: error });
    }
  };
}
