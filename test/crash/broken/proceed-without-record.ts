import type { AuditLog } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';
import { unwritten } from './unwritten-rename.ts';

export * from '../../../src/table-storage/audit-log-table.ts';

/** Broken: renames even if the record cannot be written. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  return {
    ...log,
    begin: (...command) => log.begin(...command).catch(() => unwritten(command[0], outside.monotonic())),
  };
}
