import { odata } from '@azure/data-tables';
import type { AcceptedLog } from '../rename/queued/accepted-log.ts';
import type { UnfinishedRenames } from '../rename/recovery/find-work.ts';
import { parseLease } from './lease-row.ts';
import { dayOf } from './list-project.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { PROJECTS_PARTITION, rangeOf } from './row-keys.ts';

const PAGE_SIZE = 1000;
/**
 * Longer than a rename can be under way without the sweep keeping its project active, whatever an instance's
 * clock says.
 */
const ACTIVE_FOR_MS = 2 * 24 * 60 * 60 * 1000;

/** One query for the projects, two for each of them that was active within two days. */
export function createUnfinishedRenames({
  table,
  accepted,
  now,
}: {
  readonly table: Pick<RenamesTable, 'page' | 'upsert'>;
  readonly accepted: Pick<AcceptedLog, 'touch'>;
  readonly now: () => number;
}): UnfinishedRenames {
  return {
    async *activeProjects() {
      const since = dayOf(now() - ACTIVE_FOR_MS);
      const filter = odata`PartitionKey eq ${PROJECTS_PARTITION} and activeOn ge ${since}`;
      for await (const row of rows(filter)) yield String(row.rowKey);
    },
    async *leasesOf(projectId) {
      for await (const row of rowsUnder(projectId, 'lock|')) yield parseLease(row);
    },
    async *acceptedOf(projectId) {
      for await (const row of rowsUnder(projectId, 'accepted|')) {
        const renameId = String(row.rowKey).slice('accepted|'.length);
        yield { projectId, renameId, touchedAtMs: row.writtenBeforeMs };
      }
    },
    keepActive: (projectId) => table.upsert(PROJECTS_PARTITION, projectId, { activeOn: dayOf(now()) }),
    touch: (pointer) => accepted.touch(pointer),
  };

  function rowsUnder(projectId: string, prefix: string): AsyncIterable<Row> {
    const { from, until } = rangeOf(prefix);
    return rows(odata`PartitionKey eq ${projectId} and RowKey ge ${from} and RowKey lt ${until}`);
  }

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
