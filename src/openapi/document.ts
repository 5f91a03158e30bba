import manifest from '../../package.json' with { type: 'json' };
import { HISTORY_PATHS } from './history-operations.ts';
import { LOOK_UP_PATHS } from './look-up-operations.ts';
import { RENAME_PATHS } from './rename-operations.ts';
import { RESPONSES, responses } from './responses.ts';
import { SCHEMAS } from './schemas.ts';
import { WEBHOOK_PATHS } from './webhook-operations.ts';

const CALLER_KEY = {
  callerKey: {
    type: 'apiKey',
    in: 'header',
    name: 'Training-Key',
    description: "The caller's own key, NAME.SECRET, where the service's clients send a training key.",
  },
} as const;

const ENTRA = {
  entra: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An access token of Microsoft Entra ID with the application role or the scope Iterations.Rename; for look-ups and the audit records Iterations.Read is enough.',
  },
} as const;

export const SECURITY_SCHEMES = {
  'caller-key': CALLER_KEY,
  entra: ENTRA,
  'entra,caller-key': { ...ENTRA, ...CALLER_KEY },
  'function-key': {
    functionKey: {
      type: 'apiKey',
      in: 'header',
      name: 'x-functions-key',
      description: 'A function key or host key of the function app.',
    },
  },
} as const;

/**
 * OpenAPI 3.1 of all routes, of an app that asks callers for nothing where none is given. Public, so it names
 * no tenant, resource or source.
 */
export function createOpenApiDocument(callerAuthentication?: keyof typeof SECURITY_SCHEMES) {
  const securitySchemes = callerAuthentication === undefined ? {} : SECURITY_SCHEMES[callerAuthentication];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rename proxy for Azure Custom Vision',
      version: manifest.version,
      description:
        'Finds and renames trained iterations for callers that never see the training key, and records each rename.',
      license: { name: 'Internal use' },
    },
    servers: [{ url: '/' }],
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    paths: { ...LOOK_UP_PATHS, ...RENAME_PATHS, ...HISTORY_PATHS, ...WEBHOOK_PATHS, ...OPEN_PATHS },
    components: { schemas: SCHEMAS, responses: RESPONSES, securitySchemes },
  };
}

const health = { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } };

const OPEN_PATHS = {
  '/': {
    get: {
      operationId: 'leadToConsole',
      summary: 'Leads to the console page',
      description: 'Where the app serves no console page, the platform answers, without a body.',
      security: [],
      responses: {
        204: { description: 'There is no console page.' },
        302: {
          description: 'To the console page.',
          headers: { Location: { description: 'Relative.', schema: { type: 'string' }, required: true } },
        },
      },
    },
  },
  '/console': {
    get: {
      operationId: 'showConsole',
      summary: 'The console page',
      description: 'One document for everyone, without data. An app can be set up to serve none.',
      security: [],
      responses: {
        200: {
          description: 'The page.',
          headers: {
            'Content-Security-Policy': {
              description: 'Lets nothing run that is not part of the page.',
              schema: { type: 'string' },
              required: true,
            },
          },
          content: { 'text/html': { schema: { type: 'string' } } },
        },
        ...responses({ 404: 'NotFound', 500: 'Unexpected' }),
      },
    },
  },
  '/health': {
    get: {
      operationId: 'reportHealth',
      summary: 'Whether renames can be made now',
      security: [],
      responses: {
        200: { description: 'All dependencies are available.', content: health },
        429: { description: 'The platform has too many requests at once.' },
        503: { description: 'At least one dependency is not available.', content: health },
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'describeApi',
      summary: 'This document',
      security: [],
      parameters: [
        {
          name: 'version',
          in: 'query',
          schema: { type: 'string', enum: ['3.1', '3.0', '2.0'], default: '3.1' },
          description: 'Of OpenAPI, for importers that do not know the newest.',
        },
      ],
      responses: {
        200: {
          description: 'The description of this API.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...responses({ 400: 'BadRequest' }),
      },
    },
  },
};
