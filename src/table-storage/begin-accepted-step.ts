import type { AuditLog } from '../rename/audit-log.ts';
import type { AcceptedLog } from '../rename/queued/accepted-log.ts';
import { begunNow } from './begun-now.ts';
import { parseLease } from './lease-row.ts';
import { readOwnPending } from './read-pending.ts';
import { type RenamesTable, TableConflict } from './renames-table.ts';
import { acceptedKey, copyKey, lockKey, recordKey } from './row-keys.ts';

/** How an accepted rename begins. */
export function createBeginAccepted({
  table,
  newOwner,
  monotonic,
  readPending,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find'>;
  readonly newOwner: () => string;
  readonly monotonic: () => number;
  readonly readPending: AuditLog['readPending'];
}): AcceptedLog['begin'] {
  return async function begin({ intent, parties, version: etag }, leaseMs) {
    const { projectId: partitionKey, iterationId, renameId, resource } = intent;
    const owner = newOwner();
    const askedAtMs = monotonic();
    const lock = { partitionKey, rowKey: lockKey(iterationId), renameId, resource, owner, leaseMs };
    const record = { partitionKey, rowKey: recordKey(renameId), isBegun: true };
    try {
      const versions = await table.transact([
        ['create', lock],
        ['update', record, 'Merge', { etag }],
        ['update', { ...record, rowKey: copyKey(iterationId, renameId) }, 'Merge'],
        ['delete', { partitionKey, rowKey: acceptedKey(renameId) }],
      ]);
      const version = versions.get(record.rowKey) ?? '';
      const pending = begunNow({ intent, leaseMs, version, askedAtMs, claim: null, parties });
      return { kind: 'begun', pending, contended: false };
    } catch (error) {
      if (!(error instanceof TableConflict)) throw error;
      const held = await table.find(partitionKey, lock.rowKey);
      // Our own lock: the first answer was lost on its way, and the SDK's retry met it.
      const isOwn = held?.['owner'] === owner;
      const own = isOwn ? await readOwnPending(table, readPending, intent, owner) : null;
      if (own !== null) return { kind: 'begun', pending: own, contended: false };
      if (held === null || held['renameId'] === renameId) return { kind: 'changed' };
      return { kind: 'locked', lease: parseLease(held) };
    }
  };
}
