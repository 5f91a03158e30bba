import type { RenameIntent } from '../audit-record.ts';
import type { Parties } from './accepted-log.ts';

/**
 * Checks a record that was read back by the rules of a request, and asks the present access policy. Resolves
 * to the reason why the rename must not be made, for the record; null where it may.
 */
export type RecheckRename = (intent: RenameIntent, parties: Parties) => string | null;
