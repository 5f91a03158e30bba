import type { TransactionAction } from '@azure/data-tables';
import type { AuditLog } from '../rename/audit-log.ts';
import type { AcceptedLog, EarlierDelivery } from '../rename/queued/accepted-log.ts';
import { type AcceptAttempt, acceptActions } from './accept-actions.ts';
import { begunNow } from './begun-now.ts';
import { parseLease } from './lease-row.ts';
import type { ProjectList } from './list-project.ts';
import {
  copiedProperties,
  hasProperties,
  outcomeProperties,
  parseParties,
  parseRecordRow,
} from './record-row.ts';
import { type RenamesTable, TableConflict, TableMissing } from './renames-table.ts';
import { acceptedKey, copyKey, deliveryKey, lockKey, recordKey, sha256 } from './row-keys.ts';

const MAX_ROUNDS = 3;

/** What happens to an accepted rename until it begins, or ends without. */
export function createAcceptedSteps({
  table,
  projectList,
  newOwner,
  monotonic,
  readPending,
}: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'create' | 'merge'>;
  readonly projectList: ProjectList;
  readonly newOwner: () => string;
  readonly monotonic: () => number;
  readonly readPending: AuditLog['readPending'];
}): AcceptedLog {
  return {
    async accept(intent, parties, delivery, replaced) {
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
    },

    async find({ projectId, renameId }) {
      const row = await table.find(projectId, recordKey(renameId));
      if (row === null) return { kind: 'nothing' };
      const record = parseRecordRow(row);
      if (record.status !== 'pending') return { kind: 'ended' };
      if (row['isBegun'] === true || record.trigger === 'http') {
        const pending = await readPending(record);
        return pending === null ? { kind: 'ended' } : { kind: 'begun', pending };
      }
      return {
        kind: 'accepted',
        accepted: { intent: record, parties: parseParties(row), version: row.etag },
      };
    },

    async begin({ intent, parties, version: etag }, leaseMs) {
      const { projectId: partitionKey, iterationId, renameId, resource } = intent;
      const owner = newOwner();
      const askedAtMs = monotonic();
      const lock = { partitionKey, rowKey: lockKey(iterationId), renameId, resource, owner, leaseMs };
      const record = { partitionKey, rowKey: recordKey(renameId), isBegun: true };
      try {
        const versions = await table.transact([
          ['create', lock],
          ['update', record, 'Merge', { etag }],
          ['update', { ...record, rowKey: copyKey(iterationId, renameId) }, 'Merge'],
          ['delete', { partitionKey, rowKey: acceptedKey(renameId) }],
        ]);
        const version = versions.get(record.rowKey) ?? '';
        const pending = begunNow({ intent, leaseMs, version, askedAtMs, claim: null, parties });
        return { kind: 'begun', pending, contended: false };
      } catch (error) {
        if (!(error instanceof TableConflict)) throw error;
        const held = await table.find(partitionKey, lock.rowKey);
        // Our own lock: the first answer was lost on its way, and the SDK's retry met it.
        const own = held?.['owner'] === owner ? await readPending(intent) : null;
        if (own !== null) return { kind: 'begun', pending: own, contended: false };
        if (held === null || held['renameId'] === renameId) return { kind: 'changed' };
        return { kind: 'locked', lease: parseLease(held) };
      }
    },

    async end({ intent, version: etag }, outcome) {
      const { projectId: partitionKey, iterationId, renameId } = intent;
      const properties = outcomeProperties(outcome);
      const record = { partitionKey, rowKey: recordKey(renameId), ...properties };
      const copy = { partitionKey, rowKey: copyKey(iterationId, renameId), ...copiedProperties(properties) };
      const actions: TransactionAction[] = [
        ['update', record, 'Merge', { etag }],
        ['update', copy, 'Merge'],
        ['delete', { partitionKey, rowKey: acceptedKey(renameId) }],
      ];
      try {
        await table.transact(actions);
        return true;
      } catch (error) {
        if (!(error instanceof TableConflict)) throw error;
        const row = await table.find(partitionKey, record.rowKey);
        return row !== null && hasProperties(row, properties);
      }
    },

    async touch({ projectId: partitionKey, renameId }) {
      await table
        .merge({ partitionKey, rowKey: acceptedKey(renameId), etag: '*' }, {})
        .catch((error: unknown) => {
          if (!(error instanceof TableConflict)) throw error; // it has begun
        });
    },
  };

  /** The rename that an accepted attempt meets; null where there is none. */
  async function findEarlier({ intent, delivery, rowKey }: AcceptAttempt): Promise<EarlierDelivery | null> {
    const { projectId, renameId } = intent;
    const claim = rowKey === null ? null : await table.find(projectId, rowKey);
    if (rowKey !== null && claim === null) return null;
    const row = await table.find(projectId, recordKey(String(claim?.['renameId'] ?? renameId)));
    if (row === null) return null;
    return {
      record: parseRecordRow(row),
      samePayload: claim === null || claim['payloadHash'] === sha256(delivery?.payload ?? ''),
      version: claim?.etag ?? null,
    };
  }
}
