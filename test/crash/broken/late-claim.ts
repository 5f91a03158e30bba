import type { AuditLog } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';
import { idempotencyKey, sha256 } from '../../../src/table-storage/row-keys.ts';

export * from '../../../src/table-storage/audit-log-table.ts';

/** Broken: looks for a claim, begins under another key, and inserts it after the rename has succeeded. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  const { table } = outside;
  const claims = new Map<string, () => Promise<unknown>>();
  return {
    ...log,
    async begin(intent, claim, ...more) {
      const { projectId: partitionKey, renameId } = intent;
      const rowKey = idempotencyKey(claim);
      if ((await table.find(partitionKey, rowKey)) !== null) return log.begin(intent, claim, ...more);
      const row = { partitionKey, rowKey, renameId, owner: '', payloadHash: sha256(claim.payload) };
      claims.set(renameId, () => table.transact([['create', row]]));
      return log.begin(intent, { ...claim, key: renameId }, ...more);
    },
    async complete(pending, outcome, completion) {
      const completed = await log.complete(pending, outcome, completion);
      if (outcome.status === 'succeeded') await claims.get(pending.intent.renameId)?.();
      return completed;
    },
  };
}
