import type { Caller, IterationRef, RenameIntent, Trigger } from './audit-record.ts';

/** What a rename asks for, checked. */
export interface RenameRequest extends IterationRef {
  readonly apiVersion: string;
  readonly endpointHost: string;
  readonly name: string;
}

/**
 * Two requests with equal payloads ask for the same rename: what an idempotency key or a delivery id is bound
 * to.
 */
export function payloadOf({ resource, projectId, iterationId, name }: RenameRequest): string {
  return JSON.stringify([resource, projectId, iterationId, name]);
}

/** The audit record's first part. */
export function intentOf({
  request: { name: requestedName, ...request },
  ...asked
}: {
  readonly renameId: string;
  readonly request: RenameRequest;
  readonly caller: Caller;
  readonly trigger: Trigger;
  readonly traceId: string | null;
  /** ISO 8601, UTC, milliseconds. */
  readonly requestedAt: string;
  readonly replaces: string | null;
  readonly undoes: string | null;
}): RenameIntent {
  return { ...request, requestedName, ...asked };
}
