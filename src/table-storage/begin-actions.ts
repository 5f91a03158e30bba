import type { TransactionAction } from '@azure/data-tables';
import type { ExistingClaim, IdempotencyClaim } from '../rename/audit-log.ts';
import type { RenameIntent } from '../rename/audit-record.ts';
import { copiedProperties, intentProperties } from './record-row.ts';
import { copyKey, lockKey, recordKey, sha256 } from './row-keys.ts';

/** One attempt to put a rename on record. */
export interface BeginAttempt {
  readonly intent: RenameIntent;
  readonly leaseMs: number;
  /** A word that no other attempt has: it tells our own rows from another's after a lost answer. */
  readonly owner: string;
  readonly claim: IdempotencyClaim & { readonly rowKey: string };
  readonly released: ExistingClaim | null;
}

/**
 * The record, its copy, the lock and the claim: all of them new, except a claim that is taken over as it was
 * read.
 */
export function beginActions({ intent, leaseMs, owner, claim, released }: BeginAttempt): TransactionAction[] {
  const { projectId: partitionKey, iterationId, renameId, resource } = intent;
  const record = {
    ...intentProperties(intent),
    claimRowKey: claim.rowKey,
    ...(claim.key === null ? { claimIsImplied: true } : {}),
  };
  const row = { partitionKey, rowKey: claim.rowKey, renameId, owner, payloadHash: sha256(claim.payload) };
  return [
    ['create', { partitionKey, rowKey: recordKey(renameId), ...record }],
    ['create', { partitionKey, rowKey: copyKey(iterationId, renameId), ...copiedProperties(record) }],
    ['create', { partitionKey, rowKey: lockKey(iterationId), renameId, resource, owner, leaseMs }],
    released === null ? ['create', row] : ['update', row, 'Replace', { etag: released.version }],
  ];
}
