import type { Lease } from '../rename/audit-log.ts';
import type { Row } from './renames-table.ts';

/** Reads a row whose key is `lock|{iterationId}`. */
export function parseLease(row: Row): Lease {
  return {
    projectId: String(row.partitionKey),
    iterationId: String(row.rowKey).slice('lock|'.length),
    renameId: String(row['renameId']),
    leasedAtMs: Date.parse(String(row['leasedAt'])),
  };
}
