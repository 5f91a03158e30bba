import type { AuditLog, PendingRename } from '../rename/audit-log.ts';
import { parseLease } from './lease-row.ts';
import { parseParties, parseRecordRow } from './record-row.ts';
import type { RenamesTable } from './renames-table.ts';
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
    // A pending record is the one that holds the lock; where it does not, it has ended between the two readings.
    if (parsed.status !== 'pending' || lock === null || lock['renameId'] !== renameId) return null;
    const { claimRowKey, claimIsImplied, isGivenUp } = record;
    const unreadableSinceMs = Date.parse(String(lock['unreadableSince']));
    return {
      intent: parsed,
      version: record.etag,
      lease: parseLease(lock),
      begunAfterMs: record.writtenAfterMs,
      isGivenUp: isGivenUp === true,
      unreadableForMs: Number.isNaN(unreadableSinceMs) ? null : lock.tableTimeMs - unreadableSinceMs,
      parties: parseParties(record),
      claim:
        typeof claimRowKey === 'string' ? { rowKey: claimRowKey, isImplied: claimIsImplied === true } : null,
    };
  };
}
