import type { AuditLog, PendingRename } from '../rename/audit-log.ts';
import type { RenameIntent } from '../rename/audit-record.ts';
import { parseLease, unreadableSinceMs } from './lease-row.ts';
import { parseRecordRow } from './record-row.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { lockKey, recordKey } from './row-keys.ts';

/** Reads the pending rename behind a lock: two requests at once. */
export function createReadPending({
  table,
}: {
  readonly table: Pick<RenamesTable, 'find'>;
}): AuditLog['readPending'] {
  return async function readPending({ projectId, iterationId, renameId }): Promise<PendingRename | null> {
    const [record, lock] = await Promise.all([
      table.find(projectId, recordKey(renameId)),
      table.find(projectId, lockKey(iterationId)),
    ]);
    if (record === null) throw new Error('a lock points to no record');
    const parsed = parseRecordRow(record);
    // A pending record is the one that has the lock; if it does not, it has ended between the two readings.
    if (parsed.status !== 'pending' || lock === null || lock['renameId'] !== renameId) return null;
    const { claimRowKey, claimIsImplied, isGivenUp } = record;
    const unreadableForMs = lock.tableTimeMs - unreadableSinceMs(lock);
    return {
      intent: parsed,
      version: record.etag,
      lease: parseLease(lock),
      begunAfterMs: begunAfterMs(record),
      isGivenUp: isGivenUp === true,
      unreadableForMs: Number.isNaN(unreadableForMs) ? null : unreadableForMs,
      claim:
        typeof claimRowKey === 'string' ? { rowKey: claimRowKey, isImplied: claimIsImplied === true } : null,
    };
  };
}

/** The pending rename, if the step of `owner` is the last one on its lease. */
export async function readOwnPending(
  table: Pick<RenamesTable, 'find'>,
  readPending: AuditLog['readPending'],
  intent: RenameIntent,
  owner: string,
): Promise<PendingRename | null> {
  const pending = await readPending(intent);
  // The lock is read last: if the owner is the same now, so was the version.
  const lock = await table.find(intent.projectId, lockKey(intent.iterationId));
  return lock?.['owner'] === owner ? pending : null;
}

/** Giving a rename up writes its row anew; `begunAt` is the time that the row had before. */
function begunAfterMs({ begunAt, timestamp = '', writtenAfterMs }: Row): number {
  if (typeof begunAt !== 'string') return writtenAfterMs;
  return writtenAfterMs - (Date.parse(timestamp) - Date.parse(begunAt));
}
