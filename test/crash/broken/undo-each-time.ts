import type { AuditLog } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';

export * from '../../../src/table-storage/audit-log-table.ts';

/** Broken: gives each request for an undo a key of its own. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  return {
    ...log,
    begin: (intent, claim, ...more) =>
      log.begin(intent, intent.undoes === null ? claim : { ...claim, key: intent.renameId }, ...more),
  };
}
