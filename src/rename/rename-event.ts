import type { AuditRecord, Caller, IterationRef, RenameStatus, Trigger } from './audit-record.ts';

/** What the core reports while it works, for logs, alerts and the workbook. */
export type RenameEvent =
  | (IterationRef & {
      readonly event: 'rename_completed';
      readonly renameId: string;
      /** `pending` where the outcome is not known yet, or could not be written. */
      readonly status: RenameStatus;
      readonly callerKind: Caller['kind'];
      readonly callerId: string;
      readonly trigger: Trigger;
      readonly upstreamStatus: number | null;
      readonly durationMs: number;
      readonly beginMs: number;
      /** Includes waiting for the training key. */
      readonly upstreamMs: number;
      readonly completeMs: number;
      /** As it was written, so that a copy of the log can prove the table; null where none was completed. */
      readonly record: AuditRecord | null;
    })
  /** The rename is on record, and the sweep enqueues it. */
  | { readonly event: 'enqueue_failed'; readonly renameId: string }
  | { readonly event: 'completion_failed'; readonly renameId: string; readonly reason: string }
  | {
      readonly event: 'rename_settled';
      readonly renameId: string;
      readonly status: RenameStatus;
      readonly ageMs: number;
      readonly record: AuditRecord;
    }
  | (IterationRef & {
      readonly event: 'rename_unresolved';
      readonly renameId: string;
      readonly ageMs: number;
    })
  | {
      readonly event: 'sweep_completed';
      readonly projects: number;
      readonly failedProjects: number;
      readonly locks: number;
      readonly settled: number;
      readonly failed: number;
      /** Accepted renames that were enqueued again. */
      readonly enqueued: number;
      readonly oldestAgeMs: number;
      readonly durationMs: number;
    }
  /** Custom Vision, or a gateway before it, refuses this app's own key, network or quota: for operators. */
  | {
      readonly event: 'upstream_access_refused';
      readonly resource: string;
      readonly upstreamStatus: number;
      readonly upstreamCode: string;
      readonly upstreamMessage: string;
    }
  | { readonly event: 'upstream_throttled'; readonly resource: string; readonly retryAfterMs: number };

export type ReportRenameEvent = (event: RenameEvent) => void;
