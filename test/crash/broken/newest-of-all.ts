import { odata } from '@azure/data-tables';
import type { AuditLog } from '../../../src/rename/audit-log.ts';
import type { createNewestSucceeded as createSoundly } from '../../../src/table-storage/newest-succeeded.ts';
import { rangeOf } from '../../../src/table-storage/row-keys.ts';

/** Broken: takes the name from the newest record, whatever became of it. */
export function createNewestSucceeded({
  table,
}: Parameters<typeof createSoundly>[0]): AuditLog['newestSucceeded'] {
  return async ({ projectId, iterationId }) => {
    const { from, until } = rangeOf(`iteration|${iterationId}|`);
    const filter = odata`PartitionKey eq ${projectId} and RowKey ge ${from} and RowKey lt ${until}`;
    const { rows } = await table.page(filter, { limit: 2 });
    const name = rows.at(-1)?.['requestedName'];
    return typeof name === 'string' ? { name, lastModified: null } : null;
  };
}
