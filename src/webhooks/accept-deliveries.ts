import type { InvocationContext } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import { CallerError } from '../callers/caller-error.ts';
import type { AcceptedRename } from '../http/answer-accepted.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import type { Caller } from '../rename/audit-record.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import type { RenameRequest } from '../rename/rename-request.ts';

/** What a source's deliveries ask for, or null for one that asks for nothing. */
export interface DeliveredRequest {
  readonly deliveryId: string;
  readonly request: RenameRequest | null;
}

/** Promises what a source asks for. Nothing is accepted unless all of it is granted to each of `mustBeGranted`. */
export async function acceptDeliveries(
  deliveries: readonly DeliveredRequest[],
  {
    source,
    caller,
    mustBeGranted,
    context,
    policy,
    accept,
  }: {
    readonly source: string;
    readonly caller: Caller;
    /** Each with all the ids that a grant may name it by. */
    readonly mustBeGranted: readonly (readonly string[])[];
    readonly context: InvocationContext;
    readonly policy: Pick<AccessPolicy, 'allowsRename'>;
    readonly accept: AcceptRename;
  },
): Promise<AcceptedRename[]> {
  for (const { request } of deliveries) {
    if (request === null) continue;
    const { projectId, resource, name } = request;
    for (const ids of mustBeGranted) {
      if (policy.allowsRename(ids, { projectId, resource, name })) continue;
      const callerId = ids[0] ?? caller.id;
      logEvent(context, { event: 'caller_denied', callerId, may: 'rename', projectId, resource });
      throw new CallerError('forbidden', 'not_granted');
    }
  }

  const trace = parseTraceContext(context.traceContext?.traceParent);
  const accepted: AcceptedRename[] = [];
  for (const { deliveryId, request } of deliveries) {
    if (request === null) {
      logEvent(context, { event: 'delivery_ignored', source });
      continue;
    }
    const { renameId, isDuplicate } = await accept({ request, caller, deliveryId, ...trace });
    const { resource, projectId, iterationId } = request;
    logEvent(context, {
      event: 'delivery_accepted',
      source,
      renameId,
      isDuplicate,
      resource,
      projectId,
      iterationId,
    });
    accepted.push({ renameId, projectId });
  }
  return accepted;
}
