import type { AuditLog } from '../../../src/rename/audit-log.ts';
import type { CompleteFromState } from '../../../src/rename/recovery/complete-from-state.ts';
import type { SettleRename } from '../../../src/rename/recovery/settle-rename.ts';

export type { SettleRename } from '../../../src/rename/recovery/settle-rename.ts';

/** Broken: takes for granted that nothing was applied where the sender is gone, without a look. */
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
