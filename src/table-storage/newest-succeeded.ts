import { odata } from '@azure/data-tables';
import type { AuditLog } from '../rename/audit-log.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { rangeOf } from './row-keys.ts';

/**
 * Ids order records by the clocks of the instances that made them, which may be a minute apart. Renames of one iteration follow each other,
 * so that among the newest few the one completed last, on the table's clock, has the last word.
 */
const CANDIDATES = 20;

export function createNewestSucceeded({
  table,
}: {
  readonly table: Pick<RenamesTable, 'page'>;
}): AuditLog['newestSucceeded'] {
  return async function newestSucceeded({ projectId, iterationId }) {
    const { from, until } = rangeOf(`iteration|${iterationId}|`);
    const filter = odata`PartitionKey eq ${projectId} and RowKey ge ${from} and RowKey lt ${until} and (copiedStatus eq 'succeeded' or status eq 'succeeded')`;
    const { rows } = await table.page(filter, { limit: CANDIDATES });
    const newest = rows.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)))[0];
    const name = newest?.['appliedName'] ?? newest?.['requestedName'];
    if (newest === undefined || typeof name !== 'string') return null;
    const { iterationModified } = newest;
    return { name, lastModified: typeof iterationModified === 'string' ? iterationModified : null };
  };
}

/** In one form for all rows, so that texts compare as times do. */
function timeOf({ timestamp = '' }: Row): string {
  return timestamp;
}
