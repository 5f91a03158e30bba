import type { RecheckRename } from '../../../src/rename/queued/recheck-rename.ts';
import { createAcceptedSteps as createSoundSteps } from '../../../src/table-storage/accepted-steps.ts';
import { parseRecordRow } from '../../../src/table-storage/record-row.ts';
import { recordKey } from '../../../src/table-storage/row-keys.ts';

/** Broken, with the check below: takes a caller's rename for a queued one, because a message points to it. */
export const createAcceptedSteps: typeof createSoundSteps = (options) => {
  const steps = createSoundSteps(options);
  return {
    ...steps,
    async find(pointer) {
      const row = await options.table.find(pointer.projectId, recordKey(pointer.renameId));
      const pending = row === null ? null : await options.readPending(parseRecordRow(row));
      return pending?.intent.trigger === 'http' ? { kind: 'begun', pending } : steps.find(pointer);
    },
  };
};

export const createRecheckQueuedRename = (): RecheckRename => () => null;
