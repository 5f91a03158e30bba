import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { callerWithoutToken, requireAnyGrant } from '../callers/authorise.ts';
import { RequestError } from '../http/request-error.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import type { ReceivedEvent } from './cloud-events.ts';
import { acceptDeliveries, type DeliveredRequest, type ReceiveDelivery } from './accept-deliveries.ts';
import { bodyIdentity, parseDeliveryJson, readDelivery } from './delivery-body.ts';
import { eventTypeOf } from './event-type.ts';
import type { MapDelivery } from './map-delivery.ts';

/** Reads what one request carries: events with their ids. Throws a `RequestError`. */
export type ParseEvents = (
  headers: Iterable<[string, string]>,
  text: string,
) => Promise<readonly ReceivedEvent[]>;

/**
 * Receives unsigned deliveries: CloudEvents, alone or in batches, and plain JSON. The sender is a caller like
 * any other. The policy must grant the rename to the source and to the sender, or any caller could borrow the
 * source's grants.
 */
export function createReceiveEvents({
  source,
  parse,
  map,
  authenticate,
  policy,
  accept,
}: {
  readonly source: string;
  readonly parse: ParseEvents;
  readonly map: MapDelivery;
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly accept: AcceptRename;
}): ReceiveDelivery {
  return async function receiveEvents(request, context) {
    const header = (name: string) => request.headers.get(name);
    const sender = await authenticate({ header });
    requireAnyGrant(policy, sender, { may: 'rename', projectId: null });
    const text = await readDelivery(request);
    if (text === null) throw new RequestError('malformed_body', 'The body is not valid UTF-8.');
    const events = await parse(request.headers.entries(), text);
    const deliveries: DeliveredRequest[] = [];
    for (const [index, { deliveryId, event }] of events.entries()) {
      const at = events.length > 1 ? `/${index}` : '';
      deliveries.push({
        identity: deliveryId,
        eventType: eventTypeOf(event, () => null),
        request: await map({ payload: event, headers: [], at }),
      });
    }
    const caller = { kind: 'webhook', id: `webhook:${source}`, name: sender.caller.id } as const;
    const mustBeGranted = [callerWithoutToken(caller), sender];
    const trace = parseTraceContext(context.traceContext?.traceParent, header('traceparent'));
    return acceptDeliveries(deliveries, { source, caller, mustBeGranted, trace, context, policy, accept });
  };
}

/** Its package is slow to load: an app that receives no CloudEvent never loads it. */
export const parseCloudEvents: ParseEvents = async (headers, text) =>
  (await import('./cloud-events.ts')).parseCloudEvents(headers, text);

/** One JSON value, which its own text identifies: no two kinds of sender name their deliveries alike. */
export const parseJsonDelivery: ParseEvents = async (headers, text) => {
  const contentType = new Map(headers).get('content-type') ?? null;
  return [{ deliveryId: bodyIdentity(text), event: parseDeliveryJson(text, contentType) }];
};
