import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSendRequest } from '../../src/outbound/send-request.ts';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import { createSweepRenames } from '../../src/rename/recovery/sweep-renames.ts';
import type { Lease } from '../../src/rename/audit-log.ts';
import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import { createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable } from '../../src/table-storage/renames-table.ts';
import { PROJECTS_PARTITION } from '../../src/table-storage/row-keys.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { createUnfinishedRenames } from '../../src/table-storage/unfinished-renames.ts';
import { type Azurite, startAzurite, storageConnectionString } from '../stack/azurite.ts';
import { startStorageProxy, type StorageProxy } from '../stack/storage-proxy.ts';

const PROJECTS = 3;
const STUCK = 2;
const HISTORY_ROWS = 3000;
const REQUESTED_AT = '2026-01-01T00:00:00.000Z';

let azurite: Azurite;
let proxy: StorageProxy;
let direct: TableClient;
beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startStorageProxy({ target: azurite.tableEndpoint });
  direct = TableClient.fromConnectionString(azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
});
afterAll(() => Promise.all([proxy.stop(), azurite.stop()]));

const intentOf = (projectId: string, index: number): RenameIntent => ({
  renameId: `${8_300_000_000_000 + index}-abcdefghij`,
  resource: 'default',
  endpointHost: 'japaneast.api.cognitive.microsoft.com',
  apiVersion: 'v3.2',
  projectId,
  iterationId: randomUUID(),
  requestedName: 'v2',
  caller: { kind: 'function-key', id: 'function-key', name: null },
  trigger: 'http',
  traceId: null,
  requestedAt: REQUESTED_AT,
  replaces: null,
});

/** Ended records, in the keys that real ones have. */
async function addHistory(projectId: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += 100) {
    const actions = Array.from({ length: 100 }, (_, index): TransactionAction => {
      const rowKey = `rename|${8_200_000_000_000 + from + index}-abcdefghij`;
      return ['create', { partitionKey: projectId, rowKey, status: 'succeeded' }];
    });
    await direct.submitTransaction(actions);
  }
}

it('costs a sweep one request, one for each project, and what the stuck renames take, however long the history', async () => {
  const connectionString = storageConnectionString({ ...azurite, tableEndpoint: proxy.endpoint });
  const table = createRenamesTable(
    createTableClient({ kind: 'connection-string', connectionString }),
    createSendRequest(),
  );
  const log = createAuditLog({ table, newOwner: randomUUID });
  const projects = Array.from({ length: PROJECTS }, () => randomUUID());
  await table.create();
  for (const projectId of projects) await table.upsert(PROJECTS_PARTITION, projectId);
  const [stuckIn = ''] = projects;
  for (let index = 1; index <= STUCK; index += 1) await log.begin(intentOf(stuckIn, index), null, null);

  const met: Lease[] = [];
  const sweep = createSweepRenames({
    unfinished: createUnfinishedRenames({ table }),
    async settle(lock) {
      met.push(lock);
      return (await log.readPending(lock)) === null;
    },
    timings: createRenameTimings(10_000),
    now: () => Date.parse(REQUESTED_AT) + 60_000,
    sleep: async () => {},
  });
  const operationsOfSweep = async () => {
    const since = proxy.journal.length;
    await sweep(() => {});
    return proxy.operations(since).map(({ operation }) => operation);
  };
  const before = await operationsOfSweep();
  await Promise.all(projects.map((projectId) => addHistory(projectId, HISTORY_ROWS / PROJECTS)));
  const after = await operationsOfSweep();
  console.log(
    `a sweep of ${PROJECTS} projects with ${STUCK} stuck renames: ${after.length} storage requests,`,
  );
  console.log(`with ${HISTORY_ROWS} rows of history as without`);
  expect(before).toEqual([...Array(1 + PROJECTS).fill('query'), ...Array(2 * STUCK).fill('get')]);
  expect(after).toEqual(before);
  expect(met.map(({ projectId }) => projectId)).toEqual(Array(2 * STUCK).fill(stuckIn));
});
