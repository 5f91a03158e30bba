import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import { callerWithoutToken } from '../callers/authorise.ts';
import { CallerError } from '../callers/caller-error.ts';
import { answerAccepted } from '../http/answer-accepted.ts';
import { RequestError } from '../http/request-error.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import { decodeDelivery, parseDeliveryJson } from '../webhooks/delivery-body.ts';
import type { MapDelivery } from '../webhooks/map-delivery.ts';
import type { SignedSource, VerifyDelivery } from '../webhooks/verify-delivery.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { acceptDeliveries } from '../webhooks/accept-deliveries.ts';

export interface ReceivedSource extends SignedSource {
  readonly map: MapDelivery;
}

/** `POST /webhooks/{source}` of the sources that sign what they deliver. The signature is the credential, so the platform asks for none. */
export function registerReceiveWebhook({
  sources,
  verify,
  policy,
  accept,
}: {
  readonly sources: ReadonlyMap<string, ReceivedSource>;
  readonly verify: VerifyDelivery;
  readonly policy: AccessPolicy;
  readonly accept: AcceptRename;
}): void {
  const handler: HttpHandler = async (request, context) => {
    const name = request.params['source'] ?? '';
    const source = sources.get(name);
    if (source === undefined) throw new RequestError('not_found', 'There is no webhook source of this name.');
    const header = (headerName: string) => request.headers.get(headerName);
    const text = decodeDelivery(await request.arrayBuffer());
    if (text === null) throw new CallerError('unauthenticated', 'not_utf8', { challenge: 'Signature' });
    const deliveryId = await verify(source, { header, text });

    const payload = parseDeliveryJson(text, header('content-type'));
    const rename = await source.map({ payload, headers: request.headers.entries() });
    const caller = { kind: 'webhook', id: `webhook:${name}`, name: null } as const;
    const accepted = await acceptDeliveries([{ deliveryId, request: rename }], {
      source: name,
      caller,
      mustBeGranted: [callerWithoutToken(caller)],
      trace: parseTraceContext(context.traceContext?.traceParent, header('traceparent')),
      context,
      policy,
      accept,
    });
    return answerAccepted(accepted);
  };
  app.http('receive-webhook', {
    route: 'webhooks/{source}',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: answeringErrors(handler),
  });
}
