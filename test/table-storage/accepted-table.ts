import { randomBytes, randomUUID } from 'node:crypto';
import { TableClient, type TableEntityResult } from '@azure/data-tables';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import { createRenameId } from '../../src/rename/rename-id.ts';
import { createAcceptedLog, createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { startAzurite, storageConnectionString } from '../stack/azurite.ts';
import { startStorageProxy } from '../stack/storage-proxy.ts';

/** A rename of a new iteration, as a webhook source asks for it. */
export function intentOf(more: Partial<RenameIntent>): RenameIntent {
  return {
    renameId: createRenameId(Date.now(), randomBytes(10)),
    resource: 'default',
    endpointHost: 'japaneast.api.cognitive.microsoft.com',
    apiVersion: 'v3.2',
    projectId: randomUUID(),
    iterationId: randomUUID(),
    requestedName: 'v2',
    caller: { kind: 'webhook', id: 'webhook:registry', name: null },
    trigger: 'webhook',
    traceId: null,
    requestedAt: new Date().toISOString(),
    replaces: null,
    undoes: null,
    ...more,
  };
}

const monotonic = () => Math.trunc(performance.now());

/** The logs on a real table service, through a proxy that counts and takes faults. */
export async function startAcceptedTable() {
  const azurite = await startAzurite();
  const proxy = await startStorageProxy({ target: azurite.tableEndpoint });
  const direct = TableClient.fromConnectionString(azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  const connectionString = storageConnectionString({ ...azurite, tableEndpoint: proxy.endpoint });
  const table = createRenamesTable(
    createTableClient({ kind: 'connection-string', connectionString }),
    monotonic,
  );
  const at = (now: () => number) => {
    const options = { table, newOwner: randomUUID, now, monotonic };
    return { log: createAuditLog(options), accepted: createAcceptedLog(options) };
  };
  return {
    ...at(Date.now),
    /** Logs of another instance, with a clock of its own. */
    at,
    table,
    direct,
    proxy,
    monotonic,
    since: () => proxy.journal.length,
    operations: (since: number) => proxy.operations(since).map(({ operation }) => operation),
    async rows(projectId: string): Promise<Map<string, TableEntityResult<Record<string, unknown>>>> {
      const filter = `PartitionKey eq '${projectId}'`;
      const found = new Map<string, TableEntityResult<Record<string, unknown>>>();
      for await (const row of direct.listEntities({ queryOptions: { filter } })) {
        found.set(String(row.rowKey), row);
      }
      return found;
    },
    stop: () => Promise.all([proxy.stop(), azurite.stop()]),
  };
}

export type AcceptedTable = Awaited<ReturnType<typeof startAcceptedTable>>;
