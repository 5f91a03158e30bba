import { odata } from '@azure/data-tables';
import type { Lease } from '../rename/audit-log.ts';
import type { UnfinishedRenames } from '../rename/recovery/sweep-renames.ts';
import { parseLease } from './lease-row.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { PROJECTS_PARTITION, rangeOf } from './row-keys.ts';

const PAGE_SIZE = 1000;

/** Finds the locks of all projects: one query for the projects, one for each of them. */
export function createUnfinishedRenames({ table }: { readonly table: RenamesTable }): UnfinishedRenames {
  return {
    async *projects(): AsyncIterable<string> {
      for await (const row of rows(odata`PartitionKey eq ${PROJECTS_PARTITION}`)) yield String(row.rowKey);
    },
    async *locksOf(projectId: string): AsyncIterable<Lease> {
      const { from, until } = rangeOf('lock|');
      const filter = odata`PartitionKey eq ${projectId} and RowKey ge ${from} and RowKey lt ${until}`;
      for await (const row of rows(filter)) yield parseLease(row);
    },
  };

  async function* rows(filter: string): AsyncIterable<Row> {
    let continuation: string | null = null;
    do {
      const page: Awaited<ReturnType<RenamesTable['page']>> = await table.page(filter, {
        limit: PAGE_SIZE,
        ...(continuation === null ? {} : { continuation }),
      });
      yield* page.rows;
      continuation = page.continuation;
    } while (continuation !== null);
  }
}
