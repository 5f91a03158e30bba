import type { Denial } from '../callers/caller-error.ts';
import type { ExpressionEvent } from '../expressions/evaluator-pool.ts';
import type { KeyVaultEvent } from '../key-vault/cached-secrets.ts';
import type { IterationRef } from '../rename/audit-record.ts';
import type { RenameEvent } from '../rename/rename-event.ts';

/** Events that the core does not report. */
type AppEvent =
  | {
      readonly event: 'app_started';
      readonly resources: readonly string[];
      readonly callerAuthentication: string;
      /** How people sign in to the console page; none where it is not served. */
      readonly console: readonly string[];
    }
  | (Denial & { readonly event: 'caller_denied' })
  | { readonly event: 'caller_unauthenticated'; readonly reason: string }
  | { readonly event: 'request_refused'; readonly code: string; readonly status: number }
  | (IterationRef & {
      readonly event: 'delivery_accepted';
      readonly source: string;
      readonly renameId: string;
      readonly isDuplicate: boolean;
    })
  | {
      readonly event: 'delivery_ignored';
      readonly source: string;
      readonly deliveryId: string;
      readonly eventType: string | null;
      readonly reason: string;
    }
  | { readonly event: 'delivery_allowed'; readonly source: string; readonly origin: string }
  | {
      readonly event: 'rename_requeued';
      readonly renameId: string;
      readonly reason: string;
      readonly delayMs: number;
    }
  /** A message of the queue that is not ours, or points to nothing. */
  | { readonly event: 'message_dropped'; readonly reason: string; readonly message: string }
  | { readonly event: 'rename_attempt_failed'; readonly renameId: string; readonly reason: string }
  | (Partial<IterationRef> & {
      readonly event: 'notification_received';
      readonly resource: string;
      readonly type: string;
      readonly status: string | null;
      /** Null where there is nothing to rename. */
      readonly renameId: string | null;
    })
  | (IterationRef & { readonly event: 'notification_requeued'; readonly delayMs: number })
  | (Partial<IterationRef> & {
      readonly event: 'notification_refused';
      readonly resource: string;
      readonly reason: string;
      /** The beginning of a message that cannot be parsed. */
      readonly message?: string;
    })
  /** Has the whole message, so that a person can replay it by hand. It contains no secret. */
  | { readonly event: 'message_poisoned'; readonly renameId: string | null; readonly message: string }
  | { readonly event: 'unexpected_error'; readonly where: string; readonly reason: string };

export type LogEvent = RenameEvent | KeyVaultEvent | ExpressionEvent | AppEvent;

type Level = 'info' | 'warn' | 'error';

/**
 * Every event that the app logs, with its level. Alerts and the workbook query these names: change them
 * together.
 */
export const LEVELS = {
  app_started: 'info',
  rename_completed: 'info',
  request_refused: 'info',
  completion_failed: 'warn',
  enqueue_failed: 'warn',
  rename_settled: 'warn',
  rename_unresolved: 'error',
  sweep_completed: 'info',
  upstream_throttled: 'warn',
  upstream_access_refused: 'error',
  key_vault_failed: 'error',
  evaluator_ended: 'warn',
  evaluator_failing: 'error',
  expression_over_bounds: 'error',
  caller_denied: 'warn',
  caller_unauthenticated: 'warn',
  delivery_accepted: 'info',
  delivery_ignored: 'info',
  delivery_allowed: 'info',
  rename_requeued: 'info',
  message_dropped: 'error',
  rename_attempt_failed: 'warn',
  notification_received: 'info',
  notification_requeued: 'info',
  notification_refused: 'error',
  message_poisoned: 'error',
  unexpected_error: 'error',
} as const satisfies Record<LogEvent['event'], Level>;

/** Inside a function its invocation's context, elsewhere the console. */
export interface LogSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** Writes one event as one line of JSON: untrusted values cannot begin a line. */
export function logEvent(sink: LogSink, event: LogEvent): void {
  sink[LEVELS[event.event]](JSON.stringify(event));
}
