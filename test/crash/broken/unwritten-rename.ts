import type { BeginResult } from '../../../src/rename/audit-log.ts';
import type { RenameIntent } from '../../../src/rename/audit-record.ts';

/** A begun rename without any row. */
export function unwritten(intent: RenameIntent): BeginResult {
  return {
    kind: 'begun',
    pending: {
      intent,
      versions: { record: '', copy: '' },
      lease: { leasedAtMs: Date.now(), lastFailure: null, isGivenUp: false },
      claimRowKey: null,
    },
    contended: false,
  };
}
