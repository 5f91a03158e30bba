import type { AuditLog, BeginResult } from '../../../src/rename/audit-log.ts';
import { createAuditLog as createSoundLog } from '../../../src/table-storage/audit-log-table.ts';
import { unwritten } from './unwritten-rename.ts';

/** Broken: writes the record only after the PATCH. */
export function createAuditLog(outside: Parameters<typeof createSoundLog>[0]): AuditLog {
  const log = createSoundLog(outside);
  const begins = new Map<string, () => Promise<BeginResult>>();
  return {
    ...log,
    async begin(...order) {
      const [intent] = order;
      begins.set(intent.renameId, () => log.begin(...order));
      return unwritten(intent);
    },
    async complete(pending, outcome, iteration) {
      const begun = await begins.get(pending.intent.renameId)?.();
      return begun?.kind === 'begun' && log.complete(begun.pending, outcome, iteration);
    },
  };
}
