import type { HeldLock } from '../rename/audit-log.ts';
import type { Row } from './renames-table.ts';

/** Reads a row whose key is `lock|{iterationId}`. */
export function heldLock(row: Row): HeldLock {
  return {
    projectId: String(row.partitionKey),
    iterationId: String(row.rowKey).slice('lock|'.length),
    renameId: String(row['renameId']),
    heldSinceMs: Date.parse(String(row['heldSince'])),
  };
}
