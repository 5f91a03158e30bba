import type { TransactionAction } from '@azure/data-tables';
import type { AuditLog, PendingRename } from '../rename/audit-log.ts';
import { noteProperties, unreadableSinceMs } from './lease-row.ts';
import { readOwnPending } from './read-pending.ts';
import type { RowProperties } from './record-row.ts';
import { type RenamesTable, type Row, type RowVersion, TableConflict } from './renames-table.ts';
import { lockKey, recordKey } from './row-keys.ts';

/**
 * A merge writes the row's time anew, so an expired lease must be made short; 0 would say that it was
 * released.
 */
const EXPIRED_MS = 1;
/** Each round follows a change by another process between reading and writing. */
const MAX_GIVE_UP_ROUNDS = 3;

/** How the lease of a pending rename changes, and what its row keeps. */
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
      const owner = newOwner();
      const properties = { ...notes, leaseMs: durationMs, unreadableSince: '', owner };
      const isRenewed = await changeLock(pending, properties);
      return isRenewed ? readOwnPending(table, readPending, pending.intent, owner) : null;
    },
    release: (pending, lastFailure) => changeLock(pending, { leaseMs: 0, lastFailure, owner: newOwner() }),

    async giveUp({ intent: { projectId: partitionKey, renameId } }) {
      const rowKey = recordKey(renameId);
      for (let round = 0; round < MAX_GIVE_UP_ROUNDS; round += 1) {
        const record = await table.find(partitionKey, rowKey);
        if (record?.['status'] !== 'pending' || record['isGivenUp'] === true) return;
        const { etag, timestamp = '' } = record;
        if (await isMerged({ partitionKey, rowKey, etag }, { isGivenUp: true, begunAt: timestamp })) return;
      }
      throw new Error('a rename to be given up changes all the time');
    },
    note: (pending, notes, leftMs) =>
      mergeLock(pending, () => ({
        ...noteProperties(notes),
        leaseMs: Math.max(EXPIRED_MS, Math.ceil(leftMs)),
      })),
    noteUnreadable: (pending) =>
      mergeLock(pending, (lock) =>
        Number.isNaN(unreadableSinceMs(lock))
          ? { unreadableSince: new Date(lock.tableTimeMs).toISOString(), leaseMs: EXPIRED_MS }
          : null,
      ),
  };

  /** Changes the lock, and the record's version with it; false where another process has been quicker. */
  async function changeLock(
    { intent, version }: PendingRename,
    properties: RowProperties & { readonly owner: string },
  ): Promise<boolean> {
    const { projectId: partitionKey, iterationId, renameId } = intent;
    const lock = { partitionKey, rowKey: lockKey(iterationId) };
    const actions: TransactionAction[] = [
      ['update', { partitionKey, rowKey: recordKey(renameId) }, 'Merge', { etag: version }],
      ['update', { ...lock, ...properties }, 'Merge'],
    ];
    try {
      await table.transact(actions);
      return true;
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
      const row = await table.find(partitionKey, lock.rowKey);
      return row?.['owner'] === properties.owner; // ours, where the first answer was lost on its way
    }
  }

  /** Leaves the lock alone where another process has taken a step on the rename since it was read. */
  async function mergeLock(
    { intent: { projectId: partitionKey, iterationId, renameId }, version }: PendingRename,
    propertiesFor: (lock: Row) => RowProperties | null,
  ): Promise<void> {
    const rowKey = lockKey(iterationId);
    const lock = await table.find(partitionKey, rowKey);
    // The record is read after the lock, so that a step changes its version, or else the lock's.
    const record = await table.find(partitionKey, recordKey(renameId));
    if (lock === null || record?.etag !== version) return;
    const properties = propertiesFor(lock);
    if (properties !== null) await isMerged({ partitionKey, rowKey, etag: lock.etag }, properties);
  }

  /** False where the row has changed since it was read. */
  async function isMerged(row: RowVersion, properties: RowProperties): Promise<boolean> {
    try {
      await table.merge(row, properties);
      return true;
    } catch (error) {
      if (error instanceof TableConflict) return false;
      throw error;
    }
  }
}
