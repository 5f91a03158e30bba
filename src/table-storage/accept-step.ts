import type { AcceptedLog, EarlierDelivery } from '../rename/queued/accepted-log.ts';
import { type AcceptAttempt, acceptActions } from './accept-actions.ts';
import type { ProjectList } from './list-project.ts';
import { parseRecordRow } from './record-row.ts';
import { type RenamesTable, TableConflict, TableMissing } from './renames-table.ts';
import { deliveryKey, recordKey, sha256 } from './row-keys.ts';

const MAX_ROUNDS = 3;

/** How an accepted rename comes into the table. */
export function createAccept({
  table,
  projectList,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'create'>;
  readonly projectList: ProjectList;
}): AcceptedLog['accept'] {
  return async function accept(intent, parties, delivery, replaced) {
    const rowKey = delivery === null ? null : deliveryKey(intent.caller.id, delivery.identity);
    const attempt = { intent, parties, delivery, rowKey, replaced };
    const actions = acceptActions(attempt);
    let failure: unknown;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      try {
        await projectList.add(intent.projectId);
        await table.transact(actions);
        return { kind: 'accepted' };
      } catch (error) {
        failure = error;
        if (error instanceof TableMissing) {
          await table.create();
          projectList.forget();
          continue;
        }
        // A conflict, or an answer that was lost: what stands in the table tells whether these rows are ours.
        const earlier = await findEarlier(attempt);
        if (earlier?.record.renameId === intent.renameId && rowKey !== null) return { kind: 'accepted' };
        if (earlier !== null) return { kind: 'duplicate', earlier };
        if (!(error instanceof TableConflict)) throw error;
      }
    }
    throw failure;
  };

  /** The rename that an accepted attempt meets; null where there is none. */
  async function findEarlier({ intent, delivery, rowKey }: AcceptAttempt): Promise<EarlierDelivery | null> {
    const { projectId, renameId } = intent;
    const claim = rowKey === null ? null : await table.find(projectId, rowKey);
    if (rowKey !== null && claim === null) return null;
    const row = await table.find(projectId, recordKey(claim === null ? renameId : String(claim['renameId'])));
    if (row === null) return null;
    return {
      record: parseRecordRow(row),
      samePayload: claim === null || claim['payloadHash'] === sha256(delivery?.payload ?? ''),
      version: claim?.etag ?? null,
    };
  }
}
