import { app } from '@azure/functions';
import { answerAccepted } from '../http/answer-accepted.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import type { ReceiveDelivery } from '../webhooks/accept-deliveries.ts';

/**
 * `POST /webhooks/{source}` for one source of CloudEvents. The host tries routes in the order of function
 * names: this name must sort before `receive-webhook`, whose route matches every source.
 */
export function registerReceiveEvents({
  source,
  authLevel,
  receive,
}: {
  readonly source: string;
  readonly authLevel: 'anonymous' | 'function';
  readonly receive: ReceiveDelivery;
}): void {
  app.http(`receive-events-${source}`, {
    route: `webhooks/${source}`,
    methods: ['POST'],
    authLevel,
    handler: answeringErrors(async (request, context) =>
      answerAccepted(await receive(request, context), request),
    ),
  });
}
