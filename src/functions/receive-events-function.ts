import { app, type HttpHandler } from '@azure/functions';
import type { AccessPolicy } from '../callers/access-policy.ts';
import type { Authenticate } from '../callers/authenticate.ts';
import { callerWithoutToken } from '../callers/authorise.ts';
import { CallerError } from '../callers/caller-error.ts';
import { COMMON_HEADERS } from '../http/answer.ts';
import { answerAccepted } from '../http/answer-accepted.ts';
import { RequestError } from '../http/request-error.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { logEvent } from '../observability/log-event.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import { decodeDelivery } from '../webhooks/delivery-body.ts';
import type { MapDelivery } from '../webhooks/map-delivery.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { acceptDeliveries } from '../webhooks/accept-deliveries.ts';

/**
 * `POST /webhooks/{source}` of the sources that deliver CloudEvents. These carry no signature: their sender is a caller like any other,
 * and has to be granted the rename itself beside the source, or anybody with a credential could borrow the source's grants.
 * One function for each source, whose names come before `receive-webhook` and so are tried first.
 */
export function registerReceiveEvents({
  authLevel,
  authenticate,
  sources,
  policy,
  accept,
}: {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly sources: ReadonlyMap<string, MapDelivery>;
  readonly policy: AccessPolicy;
  readonly accept: AcceptRename;
}): void {
  for (const [source, map] of sources) {
    const handler: HttpHandler = async (request, context) => {
      const header = (name: string) => request.headers.get(name);
      const sender = await authenticate({ header });
      if (!sender.permissions.has('rename')) throw new CallerError('forbidden', 'no_permission');
      const text = decodeDelivery(await request.arrayBuffer());
      if (text === null) throw new RequestError('malformed_body', 'The body is not valid UTF-8.');
      const { parseCloudEvents } = await import('../webhooks/cloud-events.ts');
      const events = parseCloudEvents(request.headers.entries(), text);
      const deliveries = [];
      for (const [index, { deliveryId, event }] of events.entries()) {
        const at = events.length > 1 ? `/${index}` : '';
        deliveries.push({ deliveryId, request: await map({ payload: event, headers: [], at }) });
      }
      const caller = { kind: 'webhook', id: `webhook:${source}`, name: sender.caller.id } as const;
      const mustBeGranted = [callerWithoutToken(caller), sender];
      const trace = parseTraceContext(context.traceContext?.traceParent, header('traceparent'));
      return answerAccepted(
        await acceptDeliveries(deliveries, { source, caller, mustBeGranted, trace, context, policy, accept }),
      );
    };
    app.http(`receive-events-${source}`, {
      route: `webhooks/${source}`,
      methods: ['POST'],
      authLevel,
      handler: answeringErrors(handler),
    });
  }

  /** The sender asks, before it delivers, whether it may: CloudEvents "HTTP 1.1 Web Hooks for Event Delivery", section 4. It shows no credential yet, and what it learns lets nobody rename. */
  const allow: HttpHandler = async (request, context) => {
    const source = request.params['source'] ?? '';
    const origin = request.headers.get('webhook-request-origin');
    if (!sources.has(source))
      throw new RequestError('not_found', 'There is no source of events of this name.');
    if (origin === null || !ORIGIN.test(origin)) {
      throw new RequestError('invalid_request', 'WebHook-Request-Origin must name the system that delivers.');
    }
    logEvent(context, { event: 'delivery_allowed', source, origin });
    const rate = request.headers.get('webhook-request-rate');
    return {
      status: 200,
      headers: {
        ...COMMON_HEADERS,
        allow: 'POST',
        'webhook-allowed-origin': origin,
        ...(rate === null ? {} : { 'webhook-allowed-rate': '*' }),
      },
    };
  };
  app.http('allow-events', {
    route: 'webhooks/{source}',
    methods: ['OPTIONS'],
    authLevel: 'anonymous',
    handler: answeringErrors(allow),
  });
}

/** A DNS name, as the sender gives itself. */
const ORIGIN = /^[a-z0-9.-]{1,253}$/i;
