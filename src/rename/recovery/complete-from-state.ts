import type { AuditLog, PendingRename } from '../audit-log.ts';
import type { RenameOutcome } from '../audit-record.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenamedIteration } from '../upstream.ts';

/** What was found out about a rename without its sender. */
export interface FoundState {
  readonly status: 'succeeded' | 'not_applied' | 'unresolved';
  /** Null where it is known without a look, or could not be found out. */
  readonly iteration: RenamedIteration | null;
  /** Null where only the audit log can tell. */
  readonly previousName: string | null;
  /** In our own words, for the record. */
  readonly message?: string;
}

/** Completes a record with what was found out later; false where another process has been quicker. */
export type CompleteFromState = (
  pending: PendingRename,
  found: FoundState,
  report: ReportRenameEvent,
) => Promise<boolean>;

export function createCompleteFromState({
  log,
  now,
}: {
  readonly log: Pick<AuditLog, 'complete' | 'newestSucceeded'>;
  readonly now: () => number;
}): CompleteFromState {
  return async function completeFromState(pending, found, report) {
    const { renameId, resource, projectId, iterationId, requestedAt, requestedName } = pending.intent;
    const { status, iteration, message = null } = found;
    const ageMs = Math.max(0, now() - Date.parse(requestedAt));
    const outcome: RenameOutcome = {
      status,
      previousName: await previousNameOf(pending, found),
      appliedName:
        status === 'succeeded' && iteration !== null && iteration.name !== requestedName
          ? iteration.name
          : null,
      completedAt: new Date(now()).toISOString(),
      durationMs: ageMs,
      attempts: null,
      upstreamStatus: null,
      upstreamCode: null,
      upstreamMessage: message,
      upstreamRequestId: null,
      evidence: iteration === null ? null : 'state',
    };
    const kept = status === 'succeeded' ? iteration : null;
    if (!(await log.complete(pending, outcome, { iteration: kept, callerIsAnswered: false }))) return false;
    report({
      event: 'rename_settled',
      renameId,
      status,
      ageMs,
      record: { ...pending.intent, ...outcome },
    });
    if (status === 'unresolved') {
      report({ event: 'rename_unresolved', renameId, resource, projectId, iterationId, ageMs });
    }
    return true;
  };

  async function previousNameOf(
    { intent }: PendingRename,
    { status, previousName }: FoundState,
  ): Promise<string | null> {
    if (previousName !== null || status !== 'succeeded') return previousName;
    const newest = await log.newestSucceeded(intent).catch(() => null);
    return newest?.name ?? null;
  }
}
