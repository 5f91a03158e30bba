import { renameBodySchema } from '../custom-vision/rename-body.schema.ts';
import { errorSchema, renameId } from './error-schema.ts';
import { ITERATION_EXAMPLE, LOOK_UP_SCHEMAS } from './look-up-schemas.ts';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const numberOrNull = { type: ['integer', 'null'] } as const;
const uuid = { type: 'string', format: 'uuid' } as const;
const time = { type: 'string', format: 'date-time' } as const;

export const RENAME_EXAMPLE = {
  renameId: '8204461799999-k5x2a7qwzd',
  status: 'succeeded',
  resource: 'default',
  endpointHost: 'japaneast.api.cognitive.microsoft.com',
  apiVersion: 'v3.4-preview',
  projectId: ITERATION_EXAMPLE.projectId,
  iterationId: ITERATION_EXAMPLE.id,
  requestedName: ITERATION_EXAMPLE.name,
  previousName: 'Iteration 12',
  appliedName: null,
  caller: { kind: 'entra-application', id: 'entra:0b7c0b54-3a35-4a43-8d0f-6a2c9d1e7f22', name: null },
  trigger: 'http',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  requestedAt: '2026-11-24T09:30:00.000Z',
  completedAt: '2026-11-24T09:30:00.094Z',
  durationMs: 94,
  attempts: 1,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: '0a2dd62e-48d7-45e4-ba9e-50cc237c7c95',
  evidence: 'response',
  replaces: null,
  undoes: null,
} as const;

const RECORD_LOCATION = `../projects/${RENAME_EXAMPLE.projectId}/renames/${RENAME_EXAMPLE.renameId}`;
const location = { ...text, description: 'Of its record, relative to the request.' } as const;
const { $id: _renameBody, ...renameBody } = renameBodySchema;

/** The components of the document. */
export const SCHEMAS = {
  IterationUpdate: {
    ...renameBody,
    description:
      "The new name: 1 to 256 characters, taken in Unicode's normalization form C, without control or bidirectional-override characters, without white space at either end. The model's read-only properties are accepted and dropped.",
    xml: { name: 'Iteration' },
    examples: [{ name: ITERATION_EXAMPLE.name }],
  },
  ...LOOK_UP_SCHEMAS,
  CustomVisionError: errorSchema,
  Rename: {
    type: 'object',
    description: 'The audit record of one rename.',
    required: Object.keys(RENAME_EXAMPLE),
    properties: {
      renameId,
      status: {
        type: 'string',
        enum: ['pending', 'succeeded', 'rejected', 'not_applied', 'unresolved'],
        description:
          '`succeeded`: Custom Vision took the name; `rejected`: it refused; `not_applied`: proven to have changed nothing; `unresolved`: an operator must look; `pending`: not known yet.',
      },
      resource: text,
      endpointHost: text,
      apiVersion: text,
      projectId: uuid,
      iterationId: uuid,
      requestedName: text,
      previousName: {
        ...textOrNull,
        description:
          'The name before, as read while the rename was begun, so that another rename which ended in that very moment may have come between; where the reading proves nothing, the name that the newest succeeded record gave.',
      },
      appliedName: {
        ...textOrNull,
        description: 'The name as the service wrote it, where it differs from the requested one.',
      },
      caller: {
        type: 'object',
        required: ['kind', 'id', 'name'],
        properties: {
          kind: {
            type: 'string',
            enum: ['caller-key', 'entra-application', 'entra-user', 'function-key', 'webhook', 'training'],
          },
          id: text,
          name: { ...textOrNull, description: 'For people to read; no decision was made by it.' },
        },
        additionalProperties: false,
      },
      trigger: { type: 'string', enum: ['http', 'webhook', 'training'] },
      traceId: textOrNull,
      requestedAt: time,
      completedAt: { ...time, type: ['string', 'null'] },
      durationMs: numberOrNull,
      attempts: numberOrNull,
      upstreamStatus: numberOrNull,
      upstreamCode: textOrNull,
      upstreamMessage: textOrNull,
      upstreamRequestId: textOrNull,
      evidence: { type: ['string', 'null'], enum: ['response', 'state', null] },
      replaces: { ...textOrNull, description: 'The earlier record that this attempt replaces.' },
      undoes: { ...textOrNull, description: 'The record of the rename that this one undoes.' },
    },
    additionalProperties: false,
    examples: [RENAME_EXAMPLE],
  },
  AcceptedRenames: {
    type: 'object',
    description: 'One rename, or the `renames` of a batch.',
    properties: {
      renameId,
      location,
      renames: {
        type: 'array',
        items: {
          type: 'object',
          required: ['renameId', 'location'],
          properties: { renameId, location },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
    examples: [{ renameId: RENAME_EXAMPLE.renameId, location: RECORD_LOCATION }],
  },
  RenameList: {
    type: 'object',
    required: ['renames', 'continuation'],
    properties: {
      renames: { type: 'array', items: { $ref: '#/components/schemas/Rename' } },
      continuation: { ...textOrNull, description: 'Leads to the next page; null on the last.' },
    },
    additionalProperties: false,
    examples: [{ renames: [RENAME_EXAMPLE], continuation: null }],
  },
  Health: {
    type: 'object',
    required: ['status', 'checks'],
    properties: {
      status: { type: 'string', enum: ['ready', 'not_ready'] },
      checks: {
        type: 'object',
        required: ['keyVault', 'auditTable', 'customVision'],
        properties: {
          keyVault: { type: 'string', enum: ['ok', 'failing'] },
          auditTable: { type: 'string', enum: ['ok', 'failing'] },
          customVision: { type: 'string', enum: ['ok', 'failing'] },
          expressions: {
            type: 'string',
            enum: ['ok', 'failing'],
            description:
              'Whether deliveries can be mapped to renames; absent where no setting has an expression.',
          },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
    examples: [{ status: 'ready', checks: { keyVault: 'ok', auditTable: 'ok', customVision: 'ok' } }],
  },
} as const;
