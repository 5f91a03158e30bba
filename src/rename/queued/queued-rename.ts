import type { Caller, RenameIntent, Trigger } from '../audit-record.ts';
import { intentOf, type RenameRequest } from '../rename-request.ts';

/** A rename that somebody was promised under its id, on its way through the queue. */
export interface QueuedRename {
  readonly renameId: string;
  readonly request: RenameRequest;
  readonly caller: Caller;
  readonly trigger: Exclude<Trigger, 'http'>;
  /** When it was promised: ISO 8601, UTC, milliseconds. */
  readonly requestedAt: string;
  readonly traceparent: string | null;
  readonly traceId: string | null;
  /** How often it went back to the queue without using up a try. */
  readonly requeues: number;
}

export interface RenameQueue {
  /** Resolves once the rename is sure to be carried out, at the earliest `delayMs` from now. */
  enqueue(rename: QueuedRename, delayMs: number): Promise<void>;
}

export function intentOfQueued({
  renameId,
  request,
  caller,
  trigger,
  traceId,
  requestedAt,
}: QueuedRename): RenameIntent {
  return intentOf({ renameId, request, caller, trigger, traceId, requestedAt, replaces: null });
}
