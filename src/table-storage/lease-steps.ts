import type { TransactionAction } from '@azure/data-tables';
import type { AuditLog, PendingRename } from '../rename/audit-log.ts';
import { noteProperties } from './lease-row.ts';
import { type RenamesTable, type Row, TableConflict } from './renames-table.ts';
import { copyKey, lockKey, recordKey } from './row-keys.ts';

/** A merge writes the row's time anew, so an expired lease must be made short; 0 would say that it was released. */
const EXPIRED_MS = 1;

/** What happens to the lease of a pending rename: renewed, released, given up, or noted upon. */
export function createLeaseSteps({
  table,
  newOwner,
  readPending,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'merge'>;
  readonly newOwner: () => string;
  readonly readPending: AuditLog['readPending'];
}): Pick<AuditLog, 'renewLease' | 'release' | 'giveUp' | 'note' | 'noteUnreadable'> {
  return {
    async renewLease(pending, { durationMs, before }) {
      const notes = noteProperties({ lastFailure: null, before });
      const renewed = await changeLock(pending, { ...notes, leaseMs: durationMs, unreadableSince: '' });
      return renewed ? readPending(pending.intent) : null;
    },
    release: (pending, lastFailure) => changeLock(pending, { leaseMs: 0, lastFailure }),

    async giveUp({ intent: { projectId: partitionKey, iterationId, renameId } }) {
      const record = await table.find(partitionKey, recordKey(renameId));
      // The write gives the row a new time; the rename was begun at the old one.
      const mark = { isGivenUp: true, begunAt: record?.['begunAt'] ?? record?.timestamp };
      await table.transact([
        ['update', { partitionKey, rowKey: recordKey(renameId), ...mark }, 'Merge'],
        ['update', { partitionKey, rowKey: copyKey(iterationId, renameId), ...mark }, 'Merge'],
      ]);
    },
    note: ({ intent }, notes, leftMs) =>
      mergeLock(intent, () => ({ ...noteProperties(notes), leaseMs: leftMs })),
    noteUnreadable: ({ intent }) =>
      mergeLock(intent, (lock) =>
        isExpired(lock)
          ? { unreadableSince: new Date(lock.tableTimeMs).toISOString(), leaseMs: EXPIRED_MS }
          : null,
      ),
  };

  /** Changes the lock, and the record's version with it; false where another process has been quicker. */
  async function changeLock(
    { intent, version }: PendingRename,
    properties: Record<string, string | number>,
  ): Promise<boolean> {
    const { projectId: partitionKey, iterationId, renameId } = intent;
    const owner = newOwner();
    const lock = { partitionKey, rowKey: lockKey(iterationId) };
    const actions: TransactionAction[] = [
      ['update', { partitionKey, rowKey: recordKey(renameId) }, 'Merge', { etag: version }],
      ['update', { ...lock, ...properties, owner }, 'Merge'],
    ];
    try {
      await table.transact(actions);
      return true;
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
      const row = await table.find(partitionKey, lock.rowKey);
      return row?.['owner'] === owner; // ours, where the first answer was lost on its way
    }
  }

  /** Leaves the lock alone where it has changed hands, is gone, or `propertiesFor` gives nothing. */
  async function mergeLock(
    { projectId, iterationId, renameId }: PendingRename['intent'],
    propertiesFor: (lock: Row) => Record<string, string | number> | null,
  ): Promise<void> {
    const lock = await table.find(projectId, lockKey(iterationId));
    const properties = lock?.['renameId'] === renameId ? propertiesFor(lock) : null;
    if (lock === null || properties === null) return;
    try {
      await table.merge(
        { partitionKey: projectId, rowKey: lockKey(iterationId), etag: lock.etag },
        properties,
      );
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
    }
  }
}

/** Another process may have renewed the lease since the rename was read. On the table's clock alone. */
function isExpired({ leaseMs, timestamp, tableTimeMs }: Row): boolean {
  return typeof leaseMs !== 'number' || tableTimeMs - Date.parse(timestamp ?? '') >= leaseMs;
}
