import type { AuditLog } from '../rename/audit-log.ts';
import { createBeginSteps } from './begin-steps.ts';
import { createCompleteSteps } from './complete-steps.ts';
import { createLeaseSteps } from './lease-steps.ts';
import { createNewestSucceeded } from './newest-succeeded.ts';
import { createReadPending } from './read-pending.ts';
import type { RenamesTable } from './renames-table.ts';

/** The audit log in one table: `begin` and `complete` are one transaction each. */
export function createAuditLog({
  table,
  newOwner,
  monotonic,
}: {
  readonly table: RenamesTable;
  /** A word that no other attempt has: it tells our own rows from another's after a lost answer. */
  readonly newOwner: () => string;
  readonly monotonic: () => number;
}): AuditLog {
  const readPending = createReadPending({ table });
  return {
    ...createBeginSteps({ table, newOwner, monotonic, readPending }),
    ...createLeaseSteps({ table, newOwner, readPending }),
    ...createCompleteSteps({ table }),
    newestSucceeded: createNewestSucceeded({ table }),
    readPending,
  };
}
