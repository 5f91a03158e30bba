import type { RenamePointer } from '../../../src/rename/queued/queued-rename.ts';
import { parsePointer as parseSoundly } from '../../../src/storage-queue/pointer-message.ts';
import { createAcceptedSteps as createSoundSteps } from '../../../src/table-storage/accepted-steps.ts';

export { formatPointer } from '../../../src/storage-queue/pointer-message.ts';

const believed = new Map<string, string>();

/** Broken, with the steps below: carries out the name in the message, not that of the record. */
export function parsePointer(text: string): RenamePointer | null {
  const pointer = parseSoundly(text);
  if (pointer === null) return null;
  const { requestedName } = JSON.parse(text);
  if (typeof requestedName === 'string') believed.set(pointer.renameId, requestedName);
  return pointer;
}

export const createAcceptedSteps: typeof createSoundSteps = (options) => {
  const steps = createSoundSteps(options);
  return {
    ...steps,
    async find(pointer) {
      const found = await steps.find(pointer);
      const requestedName = believed.get(pointer.renameId);
      if (found.kind !== 'accepted' || requestedName === undefined) return found;
      const { intent } = found.accepted;
      return { ...found, accepted: { ...found.accepted, intent: { ...intent, requestedName } } };
    },
  };
};
