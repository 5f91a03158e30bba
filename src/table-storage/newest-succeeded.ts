import { odata } from '@azure/data-tables';
import type { AuditLog } from '../rename/audit-log.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { rangeOf } from './row-keys.ts';

/**
 * Ids order records by the clocks of the instances that made them, which may be minutes apart. The table's
 * clock decides among the newest few: renames of one iteration follow each other, and the copy was last
 * written when its rename was completed.
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
    const [newest] = rows.toSorted((a, b) => writtenAtMs(b) - writtenAtMs(a));
    const name = newest?.['appliedName'] ?? newest?.['requestedName'];
    if (newest === undefined || typeof name !== 'string') return null;
    const { iterationModified } = newest;
    return { name, lastModified: typeof iterationModified === 'string' ? iterationModified : null };
  };
}

/** As a number: the service writes fractions of a second with as many digits as they have. */
function writtenAtMs({ timestamp = '' }: Row): number {
  return Date.parse(timestamp);
}
