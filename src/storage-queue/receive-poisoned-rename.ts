import type { GiveUpRename } from '../rename/queued/give-up-rename.ts';
import { parsePointer } from './pointer-message.ts';
import type { ReceiveQueuedRename } from './receive-queued-rename.ts';

/**
 * Gives up the rename of a poison message. That its attempts are used up is only what the message says, so
 * one more is made: the rename is given up where that fails, too, and goes back to its queue where it is
 * throttled.
 */
export function createReceivePoisonedRename({
  receive,
  giveUp,
}: {
  readonly receive: ReceiveQueuedRename;
  readonly giveUp: GiveUpRename;
}): ReceiveQueuedRename {
  return async function receivePoisonedRename(message) {
    try {
      await receive(message);
    } catch {
      const pointer = parsePointer(message.text);
      if (pointer !== null) await giveUp(pointer, message.report);
    }
  };
}
