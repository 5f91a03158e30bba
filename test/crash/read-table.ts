import { RestError, TableClient } from '@azure/data-tables';
import type { Azurite } from '../stack/azurite.ts';
import type { Row } from './evidence.ts';

/** Reads the table directly, not through the app or the storage proxy. */
export async function readTable(azurite: Pick<Azurite, 'connectionString'>, filter = ''): Promise<Row[]> {
  const table = TableClient.fromConnectionString(azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  const rows: Row[] = [];
  try {
    for await (const { partitionKey = '', rowKey = '', ...properties } of table.listEntities({
      queryOptions: { filter },
    })) {
      rows.push({ ...properties, partitionKey, rowKey });
    }
  } catch (error) {
    if (!(error instanceof RestError && error.statusCode === 404)) throw error; // no table: nothing was begun
  }
  return rows;
}

/**
 * The locks of all projects (renames under way, or abandoned), and how many accepted renames have not begun.
 */
export async function readUnfinished(
  azurite: Pick<Azurite, 'connectionString'>,
): Promise<{ readonly locks: Row[]; readonly accepted: number }> {
  const [locks, accepted] = await Promise.all([
    readTable(azurite, "RowKey ge 'lock|' and RowKey lt 'lock}'"),
    readTable(azurite, "RowKey ge 'accepted|' and RowKey lt 'accepted}'"),
  ]);
  return { locks, accepted: accepted.length };
}
