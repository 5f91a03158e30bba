import { randomUUID } from 'node:crypto';
import { TableClient, type TableEntityResult } from '@azure/data-tables';
import type { AuditLog, ExistingClaim, IdempotencyClaim, PendingRename } from '../../src/rename/audit-log.ts';
import type { RenameIntent, RenameOutcome } from '../../src/rename/audit-record.ts';
import type { AcceptedLog } from '../../src/rename/queued/accepted-log.ts';
import { createAcceptedLog, createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable, type RenamesTable } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { startAzurite, storageConnectionString } from '../stack/azurite.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { startStorageProxy, type StorageProxy } from '../stack/storage-proxy.ts';

export const LEASE_MS = 30_000;
/**
 * How much later than it does a lease may seem to expire: the resolution of `Date`, and what requests take.
 */
export const CLOCK_TOLERANCE_MS = 2500;

/** An instance of the app, with a monotonic clock of its own. */
export interface Instance {
  readonly log: AuditLog;
  readonly accepted: AcceptedLog;
  readonly table: RenamesTable;
  readonly monotonic: () => number;
}

export interface AuditTable {
  readonly proxy: StorageProxy;
  /** Past the proxy. */
  readonly direct: TableClient;
  readonly log: AuditLog;
  /** Another instance on the same table. */
  readonly other: AuditLog;
  /** `monotonicStartMs`: what the instance's monotonic clock shows now. */
  instance(monotonicStartMs: number): Instance;
  /** From now on the table's clock reads this much later than the rows that were written. */
  passTime(ms: number): void;
  /** Faults, hooks and the table's clock as at the start. */
  reset(): Promise<void>;
  stop(): Promise<void>;

  operationsSince(since: number): string[];
  begin(
    intent?: RenameIntent,
    claim?: IdempotencyClaim,
    released?: ExistingClaim | null,
  ): Promise<PendingRename>;
  read(intent: RenameIntent): Promise<PendingRename>;
  rowKeysOf(intent: RenameIntent): Promise<string[]>;
  recordOf(intent: RenameIntent): Promise<Entity>;
  copyOf(intent: RenameIntent): Promise<Entity>;
  lockOf(intent: RenameIntent): Promise<Entity>;
}

type Entity = TableEntityResult<Record<string, unknown>>;

/**
 * The audit log on Azurite, through a proxy that counts requests, takes faults and moves the table's clock.
 */
export async function startAuditTable(): Promise<AuditTable> {
  const azurite = await startAzurite();
  const proxy = await startStorageProxy({ target: azurite.tableEndpoint });
  const connectionString = storageConnectionString({ ...azurite, tableEndpoint: proxy.endpoint });
  const direct = TableClient.fromConnectionString(azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  let aheadMs = 0;

  const instance = (monotonicStartMs: number): Instance => {
    const startedMs = performance.now();
    const monotonic = () => monotonicStartMs + performance.now() - startedMs;
    const client = createTableClient({ kind: 'connection-string', connectionString });
    const table = createRenamesTable(client, monotonic);
    const options = { table, newOwner: randomUUID, now: Date.now, monotonic };
    return { table, monotonic, log: createAuditLog(options), accepted: createAcceptedLog(options) };
  };
  const { log } = instance(1000);
  const { log: other } = instance(7_000_000_000);
  const reset = async () => {
    await proxy.faults.clear();
    aheadMs = 0;
    delete proxy.hooks.onReceived;
    proxy.hooks.onEffect = (_entry, answer) => {
      const date = Date.parse(String(answer.headers?.['date']));
      answer.headers = { ...answer.headers, date: new Date(date + aheadMs).toUTCString() };
    };
  };
  await reset();

  return {
    proxy,
    direct,
    log,
    other,
    instance,
    reset,
    passTime: (ms) => {
      aheadMs += ms;
    },
    stop: async () => {
      await Promise.all([proxy.stop(), azurite.stop()]);
    },

    operationsSince: (since) => proxy.operations(since).map(({ operation }) => operation),
    async begin(intent = intentOf(), claim = claimOf(), released = null) {
      const begun = await log.begin(intent, claim, released, LEASE_MS);
      if (begun.kind !== 'begun') throw new Error(`not begun: ${begun.kind}`);
      return begun.pending;
    },
    async read(intent) {
      const pending = await log.readPending(intent);
      if (pending === null) throw new Error('not pending');
      return pending;
    },
    async rowKeysOf({ projectId }) {
      const keys: string[] = [];
      const filter = `PartitionKey eq '${projectId}'`;
      for await (const { rowKey } of direct.listEntities({ queryOptions: { filter } })) {
        keys.push(rowKey ?? '');
      }
      return keys;
    },
    recordOf: ({ projectId, renameId }) => direct.getEntity(projectId, `rename|${renameId}`),
    copyOf: ({ projectId, iterationId, renameId }) =>
      direct.getEntity(projectId, `iteration|${iterationId}|${renameId}`),
    lockOf: ({ projectId, iterationId }) => direct.getEntity(projectId, `lock|${iterationId}`),
  };
}

let renames = 0;
export function intentOf(more: Partial<RenameIntent> = {}): RenameIntent {
  renames += 1;
  return {
    renameId: `${9_999_999_999_999 - 1_700_000_000_000 - renames}-abcdefghij`,
    resource: 'default',
    endpointHost: 'japaneast.api.cognitive.microsoft.com',
    apiVersion: 'v3.2',
    projectId: randomUUID(),
    iterationId: randomUUID(),
    requestedName: 'v2',
    caller: { kind: 'function-key', id: 'function-key', name: null },
    trigger: 'http',
    traceId: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    replaces: null,
    undoes: null,
    ...more,
  };
}

/** Another rename of the same iteration. */
export const rivalOf = ({ projectId, iterationId }: RenameIntent): RenameIntent =>
  intentOf({ projectId, iterationId });

export const OUTCOME: RenameOutcome = {
  status: 'succeeded',
  previousName: 'v1',
  appliedName: null,
  completedAt: '2026-01-01T00:00:01.000Z',
  durationMs: 1000,
  attempts: 1,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: 'request-1',
  evidence: 'response',
};
export const NOT_APPLIED: RenameOutcome = { ...OUTCOME, status: 'not_applied' };

export const UNSEEN = { iteration: null, callerIsAnswered: true };

/** Every claim has a key of its own where none is given: most tests are about one rename each. */
export const claimOf = (payload = 'p', key: string = randomUUID()): IdempotencyClaim => ({
  callerId: 'function-key',
  key,
  payload,
});
export const impliedClaim = (payload = 'p'): IdempotencyClaim => ({
  callerId: 'function-key',
  key: null,
  payload,
});

export const isBatch = ({ path }: ReceivedRequest): boolean => path.endsWith('$batch');
