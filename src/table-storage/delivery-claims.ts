import type { DeliveryClaims } from '../rename/queued/accept-rename.ts';
import { type RenamesTable, TableConflict, TableMissing } from './renames-table.ts';
import { deliveryKey, sha256 } from './row-keys.ts';

const MAX_ROUNDS = 3;

/** One row per delivery in its project's partition. The first request inserts it: one storage request. A duplicate needs one more. */
export function createDeliveryClaims({
  table,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'create'>;
}): DeliveryClaims {
  return {
    async claim({ projectId: partitionKey, callerId, deliveryId }, { renameId, requestedAt, payload }) {
      const rowKey = deliveryKey(callerId, deliveryId);
      const payloadHash = sha256(payload);
      const row = { partitionKey, rowKey, renameId, requestedAt, payloadHash };
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        try {
          await table.transact([['create', row]]);
          return { renameId, requestedAt, samePayload: true };
        } catch (error) {
          if (error instanceof TableMissing) {
            await table.create();
          } else if (error instanceof TableConflict) {
            const claimed = await table.find(partitionKey, rowKey);
            if (claimed === null) continue;
            return {
              renameId: String(claimed['renameId']), // ours, where the first answer was lost on its way
              requestedAt: String(claimed['requestedAt']),
              samePayload: claimed['payloadHash'] === payloadHash,
            };
          } else {
            throw error;
          }
        }
      }
      throw new Error('the claim on a delivery changed in each round');
    },
  };
}
