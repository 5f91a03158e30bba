import type { AuditRecord } from './audit-record.ts';
import { RenameError } from './rename-error.ts';
import { isSameName } from './same-name.ts';

/** A rename that is to be undone. */
export interface UndoneRename {
  readonly renameId: string;
  /** The name that it gave the iteration. An undo is sent only while the iteration has it. */
  readonly givenName: string;
}

/** A rename under way takes about this long: when to look again. */
const PENDING_RETRY_AFTER_MS = 1000;

/** The name that an undo of the recorded rename gives back. Throws a `RenameError` where there is none. */
export function undoOf(record: AuditRecord): { readonly undoes: UndoneRename; readonly name: string } {
  const { renameId, status, requestedName, appliedName, previousName } = record;
  if (status === 'pending') {
    throw new RenameError('undone_too_early', { retryAfterMs: PENDING_RETRY_AFTER_MS });
  }
  if (status !== 'succeeded') throw new RenameError('nothing_to_undo');
  const givenName = appliedName ?? requestedName;
  if (previousName === null || isSameName(previousName, givenName)) {
    throw new RenameError('previous_name_unknown');
  }
  return { undoes: { renameId, givenName }, name: previousName };
}
