import manifest from '../../package.json' with { type: 'json' };
import { HISTORY_PATHS } from './history-operations.ts';
import { RENAME_PATHS } from './rename-operations.ts';
import { RESPONSES } from './responses.ts';
import { SCHEMAS } from './schemas.ts';

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
      'An access token of Microsoft Entra ID with the application role or the scope Iterations.Rename; for the audit records Iterations.Read is enough.',
  },
} as const;

const SECURITY_SCHEMES = {
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

/** OpenAPI 3.1 of all routes. Public, so it names no tenant, resource or webhook source. */
export function createOpenApiDocument(callerAuthentication: keyof typeof SECURITY_SCHEMES) {
  const securitySchemes = SECURITY_SCHEMES[callerAuthentication];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rename proxy for Azure Custom Vision',
      version: manifest.version,
      summary:
        'Renames trained iterations for callers that never see the training key, and records each rename.',
    },
    servers: [{ url: '/' }],
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    paths: { ...RENAME_PATHS, ...HISTORY_PATHS, ...OPEN_PATHS },
    components: { schemas: SCHEMAS, responses: RESPONSES, securitySchemes },
  };
}

const health = { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } };

const OPEN_PATHS = {
  '/health': {
    get: {
      operationId: 'reportHealth',
      summary: 'Whether renames can be made now',
      security: [],
      responses: {
        200: { description: 'All dependencies are available.', content: health },
        503: { description: 'At least one dependency is not available.', content: health },
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'describeApi',
      summary: 'This document',
      security: [],
      responses: {
        200: {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  },
};
