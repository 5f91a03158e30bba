import type { AuditLog } from '../../../src/rename/audit-log.ts';
import type { CompleteFromState } from '../../../src/rename/recovery/complete-from-state.ts';
import type { SettleRename } from '../../../src/rename/recovery/settle-rename.ts';

export type { SettleRename } from '../../../src/rename/recovery/settle-rename.ts';

/** Broken: settles an abandoned rename as not applied without reading the iteration. */
export function createSettleRename({
  log,
  completeFromState,
}: {
  readonly log: Pick<AuditLog, 'readPending'>;
  readonly completeFromState: CompleteFromState;
}): SettleRename {
  return async (lock, report) => {
    const pending = await log.readPending(lock);
    return pending === null || completeFromState(pending, { status: 'not_applied', iteration: null }, report);
  };
}
