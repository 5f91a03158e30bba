import type { AuditLog, BeginResult } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';
import { unwritten } from './unwritten-rename.ts';

export * from '../../../src/table-storage/audit-log-table.ts';

/** Broken: writes the record only after the PATCH. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  const begins = new Map<string, () => Promise<BeginResult>>();
  return {
    ...log,
    async begin(...command) {
      const [intent] = command;
      begins.set(intent.renameId, () => log.begin(...command));
      return unwritten(intent, outside.monotonic());
    },
    async complete(pending, outcome, completion) {
      const begun = await begins.get(pending.intent.renameId)?.();
      return begun?.kind === 'begun' && log.complete(begun.pending, outcome, completion);
    },
  };
}
