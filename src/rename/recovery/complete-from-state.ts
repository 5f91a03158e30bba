import type { AuditLog, PendingRename } from '../audit-log.ts';
import type { RenameOutcome } from '../audit-record.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenamedIteration } from '../upstream.ts';

/** What was found out of a rename without its sender; null where it could not be. */
export interface FoundState {
  readonly status: 'succeeded' | 'not_applied';
  /** Null where it is known without a look. */
  readonly iteration: RenamedIteration | null;
  /** In our own words, for the record. */
  readonly message?: string;
}

export type CompleteFromState = (
  pending: PendingRename,
  found: FoundState | null,
  report: ReportRenameEvent,
) => Promise<boolean>;

/** Completes a record with what was found out later; false where somebody else has been quicker. */
export function createCompleteFromState({
  log,
  now,
}: {
  readonly log: Pick<AuditLog, 'complete' | 'newestSucceededName'>;
  readonly now: () => number;
}): CompleteFromState {
  return async function completeFromState(pending, found, report) {
    const { renameId, resource, projectId, iterationId, requestedAt } = pending.intent;
    const ageMs = now() - Date.parse(requestedAt);
    const status = found?.status ?? 'unresolved';
    const outcome: RenameOutcome = {
      status,
      previousName: found === null ? null : await previousNameOf(pending, found),
      completedAt: new Date(now()).toISOString(),
      durationMs: ageMs,
      attempts: null,
      upstreamStatus: null,
      upstreamCode: null,
      upstreamMessage: found?.message ?? null,
      upstreamRequestId: null,
      evidence: found === null || found.iteration === null ? null : 'state',
    };
    const completed = await log.complete(
      pending,
      outcome,
      status === 'succeeded' ? (found?.iteration ?? null) : null,
    );
    if (!completed) return false;
    report({
      event: 'rename_settled',
      renameId,
      status,
      ageMs,
      record: { ...pending.intent, ...outcome },
    });
    if (found === null) {
      report({ event: 'rename_unresolved', renameId, resource, projectId, iterationId, ageMs });
    }
    return true;
  };

  async function previousNameOf(
    { intent }: PendingRename,
    { status, iteration }: FoundState,
  ): Promise<string | null> {
    if (status === 'not_applied') return iteration?.name ?? null;
    return log.newestSucceededName(intent).catch(() => null);
  }
}
