import type { TransactionAction } from '@azure/data-tables';
import type { AuditLog, Completion, PendingRename } from '../rename/audit-log.ts';
import { seen } from '../rename/upstream.ts';
import { copiedProperties, hasProperties, outcomeProperties } from './record-row.ts';
import { type RenamesTable, type RowVersion, TableConflict } from './renames-table.ts';
import { copyKey, lockKey, recordKey } from './row-keys.ts';

/** A string property of a table entity has at most 64 KiB of UTF-16. */
const MAX_PROPERTY_LENGTH = 32 * 1024;

/** How a record ends. */
export function createCompleteSteps({
  table,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'remove'>;
}): Pick<AuditLog, 'complete' | 'forgetClaim'> {
  return {
    async complete(pending, outcome, completion) {
      const { projectId: partitionKey, iterationId, renameId } = pending.intent;
      const lastModified = completion.iteration === null ? null : seen(completion.iteration).lastModified;
      const properties = {
        ...outcomeProperties(outcome),
        ...(lastModified === null ? {} : { iterationModified: lastModified }),
      };
      const record = { partitionKey, rowKey: recordKey(renameId), ...properties };
      const copy = { partitionKey, rowKey: copyKey(iterationId, renameId), ...copiedProperties(properties) };
      const actions: TransactionAction[] = [
        ['update', record, 'Merge', { etag: pending.version }],
        ['update', copy, 'Merge'],
        // A record that is still pending, as its version proves, is the one that has the lock.
        ['delete', { partitionKey, rowKey: lockKey(iterationId) }],
        ...claimActions(pending, completion),
      ];
      try {
        await table.transact(actions);
        return true;
      } catch (error) {
        if (!(error instanceof TableConflict)) throw error;
        const row = await table.find(partitionKey, record.rowKey);
        // Ours, where the first answer was lost on its way.
        if (row !== null && hasProperties(row, properties)) return true;
        // Any other outcome is not what the caller was told: a repeat must learn of it, or may rename.
        if (completion.callerIsAnswered && row?.['status'] === 'succeeded') await forgetImplied(pending);
        return false;
      }
    },

    async forgetClaim({ record: { projectId: partitionKey }, rowKey, version: etag }) {
      await forget({ partitionKey, rowKey, etag });
    },
  };

  /** Who settled the rename could not know that its caller would be answered. */
  async function forgetImplied({ claim, intent: { projectId, renameId } }: PendingRename): Promise<void> {
    if (claim?.isImplied !== true) return;
    const row = await table.find(projectId, claim.rowKey);
    if (row?.['renameId'] === renameId) {
      await forget({ partitionKey: projectId, rowKey: claim.rowKey, etag: row.etag });
    }
  }

  async function forget(claim: RowVersion): Promise<void> {
    await table.remove(claim).catch((error: unknown) => {
      if (!(error instanceof TableConflict)) throw error; // else it is gone, or another request's by now
    });
  }
}

/**
 * An implied key ends when its caller is answered; else the answer is kept with the key, for a repeat of the
 * request.
 */
function claimActions(
  { claim, intent: { projectId: partitionKey } }: PendingRename,
  { iteration, callerIsAnswered }: Completion,
): TransactionAction[] {
  if (claim === null) return [];
  const { rowKey, isImplied } = claim;
  if (isImplied && callerIsAnswered) return [['delete', { partitionKey, rowKey }]];
  const answer = iteration === null ? null : JSON.stringify(iteration);
  if (answer === null || answer.length > MAX_PROPERTY_LENGTH) return [];
  return [['update', { partitionKey, rowKey, iteration: answer }, 'Merge']];
}
