import type { AuditLog } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';

export * from '../../../src/table-storage/audit-log-table.ts';

/** Broken: keeps the implied key of a request though its caller has been answered. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  return {
    ...log,
    complete: (pending, outcome, completion) =>
      log.complete(pending, outcome, { ...completion, callerIsAnswered: false }),
    forgetClaim: async () => {},
  };
}
