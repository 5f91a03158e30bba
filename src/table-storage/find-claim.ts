import type { ExistingClaim } from '../rename/audit-log.ts';
import type { RenamedIteration } from '../rename/upstream.ts';
import type { BeginAttempt } from './begin-actions.ts';
import { parseLease } from './lease-row.ts';
import { parseRecordRow } from './record-row.ts';
import type { RenamesTable, Row } from './renames-table.ts';
import { recordKey, sha256 } from './row-keys.ts';

/** Counted from the last change of the claim, on the table's clock. */
const IMPLIED_KEY_LIFETIME_MS = 10 * 60_000;

/**
 * The earlier claim on an attempt's key, with the lease that `lock` shows; null where there is none in the
 * way.
 */
export async function findClaim(
  table: Pick<RenamesTable, 'find'>,
  { intent: { projectId }, claim, released }: BeginAttempt,
  lock: Row | null,
): Promise<ExistingClaim | null> {
  const claimed = await table.find(projectId, claim.rowKey);
  // If the released claim is as it was read, the lock is what is in the way.
  if (claimed === null || claimed.etag === released?.version) return null;
  const row = await table.find(projectId, recordKey(String(claimed['renameId'])));
  if (row === null) throw new Error('a claim points to no record');
  const record = parseRecordRow(row);
  // The rename may have ended between the two readings, and have written its answer to the claim.
  const isOutdated = record.status === 'succeeded' && claimed['iteration'] === undefined;
  const newest = isOutdated ? await table.find(projectId, claim.rowKey) : claimed;
  if (newest === null || newest['renameId'] !== claimed['renameId']) return null;
  return {
    samePayload: newest['payloadHash'] === sha256(claim.payload),
    record,
    lease: lock?.['renameId'] === record.renameId ? parseLease(lock) : null,
    iteration: parseIterationProperty(newest['iteration']),
    isExpired: claim.key === null && isOlderThan(newest, IMPLIED_KEY_LIFETIME_MS),
    rowKey: claim.rowKey,
    version: newest.etag,
  };
}

function isOlderThan({ timestamp, tableTimeMs }: Row, ms: number): boolean {
  return tableTimeMs - Date.parse(timestamp ?? '') > ms;
}

function parseIterationProperty(value: unknown): RenamedIteration | null {
  if (typeof value !== 'string') return null;
  const iteration: unknown = JSON.parse(value);
  return isNamed(iteration) ? iteration : null;
}

function isNamed(value: unknown): value is RenamedIteration {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
