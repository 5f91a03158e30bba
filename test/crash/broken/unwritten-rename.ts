import type { BeginResult } from '../../../src/rename/audit-log.ts';
import type { RenameIntent } from '../../../src/rename/audit-record.ts';

/** A begun rename without any row. */
export function unwritten(intent: RenameIntent, nowMs: number): BeginResult {
  const { projectId, iterationId, renameId, resource } = intent;
  return {
    kind: 'begun',
    pending: {
      intent,
      version: '',
      lease: {
        projectId,
        iterationId,
        renameId,
        resource,
        expiresAtMs: Number.POSITIVE_INFINITY,
        writtenAtMs: nowMs,
        isReleased: false,
        lastFailure: null,
        before: null,
      },
      begunAfterMs: nowMs,
      isGivenUp: false,
      unreadableForMs: null,
      parties: [],
      claim: null,
    },
    contended: false,
  };
}
