import { responses } from './responses.ts';

const SOURCE = {
  name: 'source',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'The name of a webhook source in the settings, in any letter case.',
};
const delivery = { schema: { type: 'object' } };

export const WEBHOOK_PATHS = {
  '/webhooks/{source}': {
    post: {
      operationId: 'receiveWebhook',
      summary: 'Deliver an event that names an iteration',
      description:
        "The source's own scheme says what proves the sender: a signature in its headers, or the credential of a caller.",
      // A signature is no security scheme of OpenAPI.
      security: [{}],
      parameters: [SOURCE],
      requestBody: {
        required: true,
        description: 'What the sender sends: its expression in the settings maps it to a rename.',
        content: {
          'application/json': delivery,
          'application/cloudevents+json': delivery,
          'application/cloudevents-batch+json': { schema: { type: 'array', items: { type: 'object' } } },
        },
      },
      responses: {
        202: {
          description:
            'Accepted: the record tells how the rename ends. A duplicate is answered like the first.',
          headers: {
            'Rename-Id': { description: 'Of a single rename.', schema: { type: 'string' } },
            Location: { description: 'Where its record is read.', schema: { type: 'string' } },
          },
          content: { 'application/json': { schema: { $ref: '#/components/schemas/AcceptedRenames' } } },
        },
        204: { description: 'The delivery asks for no rename.' },
        ...responses({
          400: 'BadRequest',
          401: 'Unauthorized',
          403: 'Forbidden',
          404: 'NotFound',
          411: 'LengthRequired',
          413: 'PayloadTooLarge',
          415: 'UnsupportedMediaType',
          422: 'UnprocessableContent',
          500: 'Unexpected',
          503: 'Unavailable',
        }),
      },
    },
    options: {
      operationId: 'allowEvents',
      summary: 'The handshake of CloudEvents before delivery',
      security: [],
      parameters: [
        SOURCE,
        {
          name: 'WebHook-Request-Origin',
          in: 'header',
          required: true,
          schema: { type: 'string' },
          description: 'The DNS name of the system that delivers.',
        },
      ],
      responses: {
        200: {
          description: 'Events may be delivered.',
          headers: { 'WebHook-Allowed-Origin': { required: true, schema: { type: 'string' } } },
        },
        ...responses({ 400: 'BadRequest', 404: 'NotFound', 500: 'Unexpected' }),
      },
    },
  },
};
