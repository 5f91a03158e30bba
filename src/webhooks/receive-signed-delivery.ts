import type { AccessPolicy } from '../callers/access-policy.ts';
import { callerWithoutToken } from '../callers/authorise.ts';
import { CallerError } from '../callers/caller-error.ts';
import { RequestError } from '../http/request-error.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import { acceptDeliveries, type ReceiveDelivery } from './accept-deliveries.ts';
import { readDelivery, parseDeliveryJson } from './delivery-body.ts';
import { eventTypeOf } from './event-type.ts';
import type { MapDelivery } from './map-delivery.ts';
import type { SignedSource, VerifyDelivery } from './verify-delivery.ts';

export type MappedSource = SignedSource & { readonly map: MapDelivery };

/** Receives deliveries of sources that sign. Reads nothing in a body before its signature matches. */
export function createReceiveSignedDelivery({
  sources,
  verify,
  policy,
  accept,
}: {
  readonly sources: ReadonlyMap<string, MappedSource>;
  readonly verify: VerifyDelivery;
  readonly policy: AccessPolicy;
  readonly accept: AcceptRename;
}): ReceiveDelivery {
  return async function receiveSignedDelivery(request, context) {
    const name = request.params['source']?.toLowerCase() ?? '';
    const source = sources.get(name);
    if (source === undefined) throw new RequestError('not_found', 'There is no webhook source of this name.');
    const header = (headerName: string) => request.headers.get(headerName);
    const text = await readDelivery(request);
    if (text === null) throw new CallerError('unauthenticated', 'not_utf8', { challenge: 'Signature' });
    const identity = await verify(source, { header, text });

    const payload = parseDeliveryJson(text, header('content-type'));
    const rename = await source.map({ payload, headers: request.headers.entries() });
    const caller = { kind: 'webhook', id: `webhook:${name}`, name: null } as const;
    return acceptDeliveries([{ identity, eventType: eventTypeOf(payload, header), request: rename }], {
      source: name,
      caller,
      mustBeGranted: [callerWithoutToken(caller)],
      trace: parseTraceContext(context.traceContext?.traceParent, header('traceparent')),
      context,
      policy,
      accept,
    });
  };
}
