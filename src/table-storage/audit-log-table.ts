import type { AuditLog } from '../rename/audit-log.ts';
import type { AcceptedLog } from '../rename/queued/accepted-log.ts';
import { createAcceptedSteps } from './accepted-steps.ts';
import { createBegin } from './begin-step.ts';
import { createCompleteSteps } from './complete-steps.ts';
import { createLeaseSteps } from './lease-steps.ts';
import { createProjectList } from './list-project.ts';
import { createNewestSucceeded } from './newest-succeeded.ts';
import { createReadPending } from './read-pending.ts';
import type { RenamesTable } from './renames-table.ts';

export interface AuditLogOptions {
  readonly table: RenamesTable;
  /** A word that no other attempt has: it tells our own rows from another's after a lost answer. */
  readonly newOwner: () => string;
  /** For the day on which a project was last active. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** The audit log in one table: each step is one transaction. */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const readPending = createReadPending(options);
  const shared = { ...options, readPending, projectList: createProjectList(options) };
  return {
    begin: createBegin(shared),
    ...createLeaseSteps(shared),
    ...createCompleteSteps(shared),
    newestSucceeded: createNewestSucceeded(shared),
    readPending,
  };
}

/** The accepted renames in the same table. */
export function createAcceptedLog(options: AuditLogOptions): AcceptedLog {
  return createAcceptedSteps({
    ...options,
    readPending: createReadPending(options),
    projectList: createProjectList(options),
  });
}
