import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { AuthenticatedCaller } from '../callers/authenticate.ts';
import { authorise } from '../callers/authorise.ts';
import type { AcceptedRename } from '../http/answer-accepted.ts';
import type { TraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import type { Caller } from '../rename/audit-record.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import type { RenameRequest } from '../rename/rename-request.ts';

/** Accepts what one HTTP request of a webhook source asks for. Throws what `answeringErrors` answers. */
export type ReceiveDelivery = (
  request: Pick<HttpRequest, 'params' | 'headers' | 'arrayBuffer'>,
  context: InvocationContext,
) => Promise<AcceptedRename[]>;

/** What one delivery asks for; null when it asks for nothing. */
export interface DeliveredRequest {
  /** The same for each attempt of one delivery. */
  readonly identity: string;
  /** As its sender calls it, for the log. */
  readonly eventType: string | null;
  readonly request: RenameRequest | null;
}

/** Accepts all deliveries of one request, or none: each of `mustBeGranted` must be granted every rename. */
export async function acceptDeliveries(
  deliveries: readonly DeliveredRequest[],
  {
    source,
    caller,
    mustBeGranted,
    trace,
    context,
    policy,
    accept,
  }: {
    readonly source: string;
    readonly caller: Caller;
    /** The policy must grant the rename to each of them. */
    readonly mustBeGranted: readonly AuthenticatedCaller[];
    readonly trace: TraceContext;
    readonly context: InvocationContext;
    readonly policy: AccessPolicy;
    readonly accept: AcceptRename;
  },
): Promise<AcceptedRename[]> {
  for (const { request } of deliveries) {
    if (request === null) continue;
    const { projectId, resource, name } = request;
    for (const asking of mustBeGranted) {
      authorise(policy, asking, { may: 'rename', projectId, resource, name });
    }
  }

  const parties = mustBeGranted.map(({ ids }) => ids);
  const accepted: AcceptedRename[] = [];
  for (const { identity, eventType, request } of deliveries) {
    if (request === null) {
      const reason = 'expression_yields_nothing';
      logEvent(context, { event: 'delivery_ignored', source, deliveryId: identity, eventType, reason });
      continue;
    }
    const { renameId, isDuplicate } = await accept({
      request,
      caller,
      parties,
      trigger: 'webhook',
      traceId: trace.traceId,
      deliveryIdentity: identity,
      report: (event) => logEvent(context, event),
    });
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
