import type { TransactionAction } from '@azure/data-tables';
import type { ExistingClaim, IdempotencyClaim } from '../rename/audit-log.ts';
import type { RenameIntent } from '../rename/audit-record.ts';
import { intentProperties } from './record-row.ts';
import { copyKey, lockKey, recordKey, sha256 } from './row-keys.ts';

/** One attempt to put a rename on record. */
export interface BeginAttempt {
  readonly intent: RenameIntent;
  readonly claim: IdempotencyClaim | null;
  readonly claimRowKey: string | null;
  readonly owner: string;
  readonly released: ExistingClaim | null;
}

/** The record, its copy, the lock and the claim: all of them new, but for a claim that is taken over as it was seen. */
export function beginActions({
  intent,
  claim,
  claimRowKey,
  owner,
  released,
  leasedAtMs,
}: BeginAttempt & { readonly leasedAtMs: number }): TransactionAction[] {
  const { projectId: partitionKey, iterationId, renameId, requestedAt } = intent;
  const leasedAt = new Date(leasedAtMs).toISOString();
  const record = {
    ...intentProperties(intent),
    ...(claimRowKey === null ? {} : { claimRowKey }),
    ...(leasedAt === requestedAt ? {} : { leasedAt }),
  };
  const actions: TransactionAction[] = [
    ['create', { partitionKey, rowKey: recordKey(renameId), ...record }],
    ['create', { partitionKey, rowKey: copyKey(iterationId, renameId), ...record }],
    ['create', { partitionKey, rowKey: lockKey(iterationId), renameId, owner, leasedAt }],
  ];
  if (claim !== null && claimRowKey !== null) {
    const row = { partitionKey, rowKey: claimRowKey, renameId, owner, payloadHash: sha256(claim.payload) };
    actions.push(
      released === null ? ['create', row] : ['update', row, 'Replace', { etag: released.version }],
    );
  }
  return actions;
}
