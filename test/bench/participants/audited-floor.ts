import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { type Target, type Participant, type Rename } from './participant.ts';
import { participant as undiciPatch } from './undici-patch.ts';

/**
 * The floor with audit: the same two transactions around the PATCH through the table SDK, and no HTTP in
 * front.
 */
export const participant: Participant = {
  async createRename(target: Target): Promise<Rename> {
    const patch = await undiciPatch.createRename(target);
    const table = TableClient.fromConnectionString(target.storage, 'floor', {
      allowInsecureConnection: true,
    });
    await table.createTable();
    const partitionKey = target.projectId;
    return async (iterationId, name) => {
      const renameId = randomUUID();
      const startedMs = Date.now();
      const record = {
        renameId,
        status: 'pending',
        resource: 'default',
        endpointHost: target.upstream,
        apiVersion: 'v3.2',
        projectId: target.projectId,
        iterationId,
        requestedName: name,
        trigger: 'http',
        callerKind: 'function-key',
        callerId: 'function-key',
        requestedAt: new Date(startedMs).toISOString(),
      };
      const keys = { record: `rename|${renameId}`, copy: `iteration|${iterationId}|${renameId}` };
      const lock = { partitionKey, rowKey: `lock|${iterationId}` };
      const begin: TransactionAction[] = [
        ['create', { partitionKey, rowKey: keys.record, ...record }],
        ['create', { partitionKey, rowKey: keys.copy, ...record }],
        ['create', { ...lock, renameId, owner: renameId, leasedAt: record.requestedAt }],
      ];
      const { subResponses } = await table.submitTransaction(begin);
      await patch(iterationId, name);
      const outcome = {
        status: 'succeeded',
        completedAt: new Date().toISOString(),
        durationMs: Date.now() - startedMs,
        attempts: 1,
        upstreamStatus: 200,
        evidence: 'response',
      };
      const [recordEtag = '', copyEtag = ''] = subResponses.map(({ etag }) => etag ?? '');
      await table.submitTransaction([
        ['update', { partitionKey, rowKey: keys.record, ...outcome }, 'Merge', { etag: recordEtag }],
        ['update', { partitionKey, rowKey: keys.copy, ...outcome }, 'Merge', { etag: copyEtag }],
        ['delete', lock],
      ]);
    };
  },
};
