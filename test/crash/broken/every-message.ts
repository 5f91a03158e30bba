import { createAcceptedSteps as createSoundSteps } from '../../../src/table-storage/accepted-steps.ts';
import { parseParties, parseRecordRow } from '../../../src/table-storage/record-row.ts';
import { recordKey } from '../../../src/table-storage/row-keys.ts';

/** Broken: carries out each message, whether its rename has ended or not. */
export const createAcceptedSteps: typeof createSoundSteps = (options) => {
  const { table } = options;
  const steps = createSoundSteps(options);
  const again = createSoundSteps({
    ...options,
    table: {
      ...table,
      transact: (actions) => table.transact(actions.filter(([kind]) => kind !== 'delete')),
    },
  });
  const ended = new Set<string>();
  return {
    ...steps,
    async find(pointer) {
      const found = await steps.find(pointer);
      if (found.kind !== 'ended') return found;
      const row = await table.find(pointer.projectId, recordKey(pointer.renameId));
      if (row === null) return found;
      ended.add(pointer.renameId);
      const version = row.etag;
      return {
        kind: 'accepted',
        accepted: { intent: parseRecordRow(row), parties: parseParties(row), version },
      };
    },
    begin: (accepted, leaseMs) =>
      (ended.has(accepted.intent.renameId) ? again : steps).begin(accepted, leaseMs),
  };
};
