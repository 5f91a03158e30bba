import type { TransactionAction } from '@azure/data-tables';
import type { RenameIntent } from '../rename/audit-record.ts';
import type { DeliveryClaim, EarlierDelivery, Parties } from '../rename/queued/accepted-log.ts';
import { copiedProperties, intentProperties } from './record-row.ts';
import { acceptedKey, copyKey, recordKey, sha256 } from './row-keys.ts';

/** One attempt to accept a rename. */
export interface AcceptAttempt {
  readonly intent: RenameIntent;
  readonly parties: Parties;
  readonly delivery: DeliveryClaim | null;
  /** Of the delivery's claim. */
  readonly rowKey: string | null;
  readonly replaced: EarlierDelivery | null;
}

/**
 * The record, its copy, the index and the delivery's claim: all new, but for a claim that is given another
 * rename.
 */
export function acceptActions({
  intent,
  parties,
  delivery,
  rowKey,
  replaced,
}: AcceptAttempt): TransactionAction[] {
  const { projectId: partitionKey, iterationId, renameId } = intent;
  const record = { ...intentProperties(intent), parties: JSON.stringify(parties) };
  const actions: TransactionAction[] = [
    ['create', { partitionKey, rowKey: recordKey(renameId), ...record }],
    ['create', { partitionKey, rowKey: copyKey(iterationId, renameId), ...copiedProperties(record) }],
    ['create', { partitionKey, rowKey: acceptedKey(renameId) }],
  ];
  if (delivery !== null && rowKey !== null) {
    const claim = { partitionKey, rowKey, renameId, payloadHash: sha256(delivery.payload) };
    const etag = replaced?.version ?? null;
    actions.push(etag === null ? ['create', claim] : ['update', claim, 'Replace', { etag }]);
  }
  return actions;
}
