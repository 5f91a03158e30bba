import type { Caller, RenameIntent, Trigger } from '../audit-record.ts';
import type { RenameRequest } from '../rename-iteration.ts';

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
  readonly deferrals: number;
}

export interface RenameQueue {
  /** Resolves once the rename is sure to be carried out, at the earliest `delayMs` from now. */
  enqueue(rename: QueuedRename, delayMs: number): Promise<void>;
}

export function intentOfQueued({ request, ...queued }: QueuedRename): RenameIntent {
  const { renameId, caller, trigger, traceId, requestedAt } = queued;
  const { name: requestedName, resource, endpointHost, apiVersion, projectId, iterationId } = request;
  return {
    renameId,
    resource,
    endpointHost,
    apiVersion,
    projectId,
    iterationId,
    requestedName,
    caller,
    trigger,
    traceId,
    requestedAt,
    replaces: null,
  };
}
