import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { parseRecordRow } from '../../src/table-storage/record-row.ts';
import { readExportedLog } from './exported-log.ts';
import { type Difference, historyDifferences, type StoredRename } from './history-differences.ts';

const USAGE = `usage: npm run verify-history -- --table TABLE --export FOLDER [--app OBJECT-ID] [--until TIME]

Compares the audit table with the records that were exported while the renames were made, and names every record that was
changed, added or removed since. Ends with 1 if there is one.
  --table   https://ACCOUNT.table.core.windows.net, read with your own login; or the name of an environment variable
            with a connection string, for Azurite
  --export  folder with the downloaded containers am-apptraces and am-storagetablelogs
  --app     object id of the app's identity: tells the writes of everybody else, too
  --until   what ended later is not expected in the export yet; an hour ago when left out`;

const { values } = parseArgs({
  options: {
    table: { type: 'string' },
    export: { type: 'string' },
    app: { type: 'string' },
    until: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true || values.table === undefined || values.export === undefined) {
  console.log(USAGE);
  process.exit(values.help === true ? 0 : 2);
}

const stored = await readTable(values.table);
const { records, foreignWrites, lines } = await readExportedLog(values.export, values.app ?? null);
const differences = historyDifferences({
  stored,
  exported: records,
  exportedUntil: new Date(values.until ?? Date.now() - 60 * 60 * 1000),
});

console.log(`${stored.size} records in the table, ${records.size} in the export (${lines} lines).`);
for (const { at, operation, by, uri } of foreignWrites)
  console.log(`${at} ${operation} by ${by}, who is not the app: ${uri}`);
for (const difference of differences) console.log(`${difference.renameId} ${describe(difference)}`);
console.log(
  differences.length === 0
    ? 'The table says what was exported.'
    : `${differences.length} differences: the table is not what was exported.`,
);
process.exitCode = differences.length === 0 ? 0 : 1;

async function readTable(table: string): Promise<Map<string, StoredRename>> {
  const client = createTableClient(
    table.startsWith('https://')
      ? { kind: 'managed-identity', tableServiceUri: table, credential: new DefaultAzureCredential() }
      : { kind: 'connection-string', connectionString: process.env[table] ?? '' },
  );
  const found = new Map<string, StoredRename>();
  for await (const row of client.listEntities()) {
    const [kind, ...rest] = String(row.rowKey).split('|');
    if (kind !== 'rename' && kind !== 'iteration') continue;
    const renameId = rest.at(-1) ?? '';
    const { record, copy } = found.get(renameId) ?? { record: null, copy: null };
    const parsed = { ...parseRecordRow(row) };
    found.set(renameId, kind === 'rename' ? { record: parsed, copy } : { record, copy: parsed });
  }
  return found;
}

function describe(difference: Difference): string {
  switch (difference.kind) {
    case 'changed':
      return `was changed: ${difference.property} of its ${difference.where}`;
    case 'removed':
      return `was removed: its ${difference.where}`;
    case 'added':
      return 'was added: it ended, and no log tells of it';
    case 'told-twice':
      return `is exported twice, with another ${difference.property}`;
  }
}
