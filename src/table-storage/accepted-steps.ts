import type { TransactionAction } from '@azure/data-tables';
import type { AuditLog } from '../rename/audit-log.ts';
import type { AcceptedLog } from '../rename/queued/accepted-log.ts';
import { createAccept } from './accept-step.ts';
import { createBeginAccepted } from './begin-accepted-step.ts';
import type { ProjectList } from './list-project.ts';
import {
  copiedProperties,
  hasProperties,
  outcomeProperties,
  parseParties,
  parseRecordRow,
} from './record-row.ts';
import { type RenamesTable, TableConflict } from './renames-table.ts';
import { acceptedKey, copyKey, recordKey } from './row-keys.ts';

/** What happens to an accepted rename until it begins, or ends without. */
export function createAcceptedSteps(options: {
  readonly table: Pick<RenamesTable, 'transact' | 'find' | 'create' | 'merge'>;
  readonly projectList: ProjectList;
  readonly newOwner: () => string;
  readonly monotonic: () => number;
  readonly readPending: AuditLog['readPending'];
}): AcceptedLog {
  const { table, readPending } = options;
  return {
    accept: createAccept(options),
    begin: createBeginAccepted(options),

    async find({ projectId, renameId }) {
      const row = await table.find(projectId, recordKey(renameId));
      if (row === null) return { kind: 'nothing' };
      const record = parseRecordRow(row);
      // A forged pointer to a caller's rename: it would be sent again, although its caller was told that it
      // failed.
      if (record.trigger === 'http') return { kind: 'nothing' };
      if (record.status !== 'pending') return { kind: 'ended' };
      if (row['isBegun'] === true) {
        const pending = await readPending(record);
        return pending === null ? { kind: 'ended' } : { kind: 'begun', pending };
      }
      return {
        kind: 'accepted',
        accepted: { intent: record, parties: parseParties(row), version: row.etag },
      };
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
}
