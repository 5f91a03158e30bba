import {
  type AuditRecord,
  PENDING,
  type RenameIntent,
  type RenameOutcome,
} from '../../src/rename/audit-record.ts';

/** A rename that succeeded, changed as a test needs it. */
export function auditRecord(changes: Partial<RenameIntent & RenameOutcome> = {}): AuditRecord {
  return {
    renameId: '8200000000000-aaaaaaaaaa',
    resource: 'default',
    endpointHost: 'japaneast.api.cognitive.microsoft.com',
    apiVersion: 'v3.4-preview',
    projectId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
    iterationId: 'a1b2c3d4-0001-4000-8000-000000000001',
    requestedName: 'new',
    previousName: 'old',
    caller: { kind: 'caller-key', id: 'key:line-3', name: null },
    trigger: 'http',
    traceId: null,
    requestedAt: '2026-11-26T10:00:00.000Z',
    replaces: null,
    undoes: null,
    status: 'succeeded',
    appliedName: null,
    completedAt: '2026-11-26T10:00:00.100Z',
    durationMs: 100,
    attempts: 1,
    upstreamStatus: 200,
    upstreamCode: null,
    upstreamMessage: null,
    upstreamRequestId: null,
    evidence: 'response',
    ...changes,
  };
}

export function pendingRecord(changes: Partial<RenameIntent> = {}): AuditRecord {
  return {
    ...auditRecord(changes),
    ...PENDING,
  };
}
