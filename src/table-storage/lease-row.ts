import type { Lease, LeaseNotes } from '../rename/audit-log.ts';
import type { Row } from './renames-table.ts';

/** For a row without its holder's duration: the longest that a holder can have. */
const LONGEST_LEASE_MS = 3 * 60_000;

/** Reads a row whose key is `lock|{iterationId}`. */
export function parseLease(row: Row): Lease & LeaseNotes {
  const { leaseMs } = row;
  const durationMs = typeof leaseMs === 'number' ? leaseMs : LONGEST_LEASE_MS;
  const name = text(row['beforeName']);
  return {
    projectId: String(row.partitionKey),
    iterationId: String(row.rowKey).slice('lock|'.length),
    renameId: String(row['renameId']),
    resource: text(row['resource']),
    expiresAtMs: durationMs === 0 ? Number.NEGATIVE_INFINITY : row.writtenBeforeMs + durationMs,
    writtenAtMs: row.writtenBeforeMs,
    isReleased: durationMs === 0,
    lastFailure: text(row['lastFailure']),
    before: name === null ? null : { name, lastModified: text(row['beforeModified']) },
  };
}

/** Since when looks at the iteration have failed, on the table's clock: epoch ms, NaN where none has. */
export function unreadableSinceMs(lock: Row): number {
  return Date.parse(text(lock['unreadableSince']) ?? '');
}

/**
 * What `LeaseNotes` are in the row. A merge cannot take a property away, so that an empty text stands for
 * none.
 */
export function noteProperties({ lastFailure, before }: LeaseNotes) {
  return {
    lastFailure: lastFailure ?? '',
    beforeName: before?.name ?? '',
    beforeModified: before?.lastModified ?? '',
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
