import { app, type HttpHandler } from '@azure/functions';
import { COMMON_HEADERS } from '../http/answer.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import { logEvent } from '../observability/log-event.ts';
import { parseHandshake } from '../webhooks/handshake.ts';

/** `OPTIONS /webhooks/{source}`: the handshake before delivery. Unauthenticated by design; grants nothing. */
export function registerAllowEvents({
  sources,
}: {
  readonly sources: { has(source: string): boolean };
}): void {
  const handler: HttpHandler = async (request, context) => {
    const { source, origin, asksForRate } = parseHandshake(request, sources);
    logEvent(context, { event: 'delivery_allowed', source, origin });
    return {
      status: 200,
      headers: {
        ...COMMON_HEADERS,
        allow: 'POST',
        'webhook-allowed-origin': origin,
        ...(asksForRate ? { 'webhook-allowed-rate': '*' } : {}),
      },
    };
  };
  app.http('allow-events', {
    route: 'webhooks/{source}',
    methods: ['OPTIONS'],
    authLevel: 'anonymous',
    handler: answeringErrors(handler),
  });
}
