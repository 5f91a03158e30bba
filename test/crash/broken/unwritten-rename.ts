import type { BeginResult } from '../../../src/rename/audit-log.ts';
import type { RenameIntent } from '../../../src/rename/audit-record.ts';

/** Looks like a rename that was put on record. */
export function unwritten(intent: RenameIntent): BeginResult {
  return {
    kind: 'begun',
    open: {
      intent,
      versions: { record: '', copy: '' },
      hold: { heldSinceMs: Date.now(), lastFailure: null, isGivenUp: false },
      claimRowKey: null,
    },
    afterOthers: false,
  };
}
