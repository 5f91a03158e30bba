import { odata } from '@azure/data-tables';
import { HistoryUnavailable, type RenameHistory } from '../rename/rename-history.ts';
import { parseRecordRow } from './record-row.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { rangeOf, recordKey } from './row-keys.ts';

/**
 * Reads the audit records: a page, of a project or of one iteration, is one range scan and one storage
 * request.
 */
export function createRenameHistory({
  table,
}: {
  readonly table: Pick<RenamesTable, 'page' | 'find'>;
}): RenameHistory {
  return {
    async page({ projectId, iterationId, resources, limit, after }) {
      const prefix = iterationId === null ? 'rename|' : `iteration|${iterationId}|`;
      const { from, until } = rangeOf(prefix);
      const start = after === null ? from : `${prefix}${after}`;
      const filter = odata`PartitionKey eq ${projectId} and RowKey gt ${start} and RowKey lt ${until}`;
      const { rows, isLast } = await rowsOf(filter, limit);
      const read = rows.map(parseRecordRow);
      const records =
        resources === 'all' ? read : read.filter(({ resource }) => resources.includes(resource));
      return { records, next: isLast ? null : (read.at(-1)?.renameId ?? null) };
    },

    async find(projectId, renameId) {
      const row = await available(() => table.find(projectId, recordKey(renameId)));
      return row === null ? null : parseRecordRow(row);
    },
  };

  async function rowsOf(filter: string, limit: number): Promise<{ rows: Row[]; isLast: boolean }> {
    let continuation: string | null = null;
    for (;;) {
      const options = { limit, ...(continuation === null ? {} : { continuation }) };
      const page: Awaited<ReturnType<RenamesTable['page']>> = await available(() =>
        table.page(filter, options),
      );
      continuation = page.continuation;
      // The service may answer a query without any row yet and say that there is more to look at.
      if (page.rows.length > 0 || continuation === null) {
        return { rows: page.rows, isLast: continuation === null };
      }
    }
  }
}

async function available<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new HistoryUnavailable('the table could not be read', { cause: error });
  }
}
