import { app } from '@azure/functions';
import { answerAccepted } from '../http/answer-accepted.ts';
import { answeringErrors } from '../http/answering-errors.ts';
import type { ReceiveDelivery } from '../webhooks/accept-deliveries.ts';

/**
 * `POST /webhooks/{source}` for senders that sign. The signature is the credential, so the platform asks for
 * no key.
 */
export function registerReceiveWebhook({ receive }: { readonly receive: ReceiveDelivery }): void {
  app.http('receive-webhook', {
    route: 'webhooks/{source}',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: answeringErrors(async (request, context) =>
      answerAccepted(await receive(request, context), request),
    ),
  });
}
