import type { AcceptedLog } from '../../../src/rename/queued/accepted-log.ts';
import { createAcceptedSteps as createSoundSteps } from '../../../src/table-storage/accepted-steps.ts';

/** Broken: keeps no index of accepted renames, so that the sweep finds none whose message was lost. */
export function createAcceptedSteps(options: Parameters<typeof createSoundSteps>[0]): AcceptedLog {
  const { table } = options;
  return createSoundSteps({
    ...options,
    table: {
      ...table,
      transact: (actions) =>
        table.transact(actions.filter(([, { rowKey }]) => !rowKey.startsWith('accepted|'))),
    },
  });
}
