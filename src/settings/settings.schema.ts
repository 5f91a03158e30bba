import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import { REGIONS } from '../custom-vision/regions.ts';
import { UUID_PATTERN } from '../text/uuid.ts';

/** In any case: names are compared in lower case. */
const NAME = '[a-zA-Z0-9][a-zA-Z0-9-]{0,62}';
/** `*`, or an id as the audit records show it. */
const CALLER_ID = `^(\\*|function-key|entra:${UUID_PATTERN.slice(1, -1)}|(key|webhook|training):${NAME})$`;
const secretName = { type: 'string', pattern: '^[0-9a-zA-Z-]{1,127}$' } as const;
const headerName = { type: 'string', pattern: '^[0-9A-Za-z-]{1,100}$' } as const;
const WEBHOOK_SCHEMES = ['standard-webhooks', 'github', 'mlflow', 'hmac', 'cloud-events', 'json'] as const;
const uri = { type: 'string', minLength: 1, maxLength: 2048 } as const;

/**
 * The app settings, with JSON and numbers parsed. `parse-settings.ts` checks what a schema cannot express.
 */
export const settingsSchema = {
  $id: 'Settings',
  type: 'object',
  required: ['CUSTOM_VISION_RESOURCES', 'KEY_VAULT_URI', 'CALLER_AUTHENTICATION', 'ACCESS_POLICY'],
  properties: {
    CUSTOM_VISION_RESOURCES: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: `^${NAME}$` },
      additionalProperties: {
        type: 'object',
        required: ['trainingKeySecret'],
        properties: {
          region: { type: 'string', enum: REGIONS },
          endpoint: uri,
          trainingKeySecret: secretName,
          // A queue's name has at most 63 characters, of which "-poison" takes seven.
          notificationQueue: { type: 'string', pattern: '^(?=.{3,56}$)[a-z0-9]+(-[a-z0-9]+)*$' },
          iterationName: { type: 'string', minLength: 1, maxLength: 8192 },
        },
        additionalProperties: false,
      },
    },
    KEY_VAULT_URI: uri,
    AZURE_CLIENT_ID: { type: 'string', pattern: UUID_PATTERN },
    RENAME_STORAGE: { type: 'string', minLength: 1 },
    RENAME_STORAGE__tableServiceUri: uri,
    RENAME_STORAGE__queueServiceUri: uri,
    RENAME_STORAGE__credential: { type: 'string', const: 'managedidentity' },
    RENAME_STORAGE__clientId: { type: 'string', pattern: UUID_PATTERN },
    CALLER_AUTHENTICATION: {
      type: 'string',
      enum: ['caller-key', 'entra', 'entra,caller-key', 'function-key'],
    },
    CALLER_KEYS: { type: 'array', items: { type: 'string', pattern: `^${NAME}$` } },
    CONSOLE: { type: 'string', minLength: 1, maxLength: 256 },
    ENTRA_TENANT_ID: { type: 'string', pattern: UUID_PATTERN },
    ENTRA_AUDIENCE: { type: 'string', minLength: 1, maxLength: 256 },
    ENTRA_AUTHORITY: uri,
    ACCESS_POLICY: {
      type: 'array',
      items: {
        type: 'object',
        required: ['caller', 'projects', 'resources', 'may'],
        properties: {
          caller: { type: 'string', pattern: CALLER_ID },
          projects: {
            type: 'array',
            minItems: 1,
            items: { type: 'string', pattern: `^\\*$|${UUID_PATTERN}` },
          },
          resources: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1, maxLength: 63 } },
          names: { type: 'string', minLength: 1, maxLength: 1024 },
          may: { type: 'array', minItems: 1, items: { type: 'string', enum: ['rename', 'read'] } },
        },
        additionalProperties: false,
      },
    },
    WEBHOOK_SOURCES: {
      type: 'object',
      propertyNames: { pattern: `^${NAME}$` },
      additionalProperties: {
        type: 'object',
        required: ['scheme', 'rename'],
        properties: {
          scheme: { type: 'string', enum: WEBHOOK_SCHEMES },
          secret: secretName,
          header: headerName,
          algorithm: { type: 'string', enum: ['sha256', 'sha384', 'sha512'] },
          encoding: { type: 'string', enum: ['hex', 'base64'] },
          prefix: { type: 'string', maxLength: 100 },
          rename: { type: 'string', minLength: 1, maxLength: 8192 },
        },
        additionalProperties: false,
      },
    },
    UPSTREAM_TIMEOUT_SECONDS: { type: 'number', minimum: 1, maximum: 60 },
    UPSTREAM_MAX_RENAMES_PER_SECOND: { type: 'number', minimum: 0.1, maximum: 1000 },
    TRAINING_KEY_TTL_SECONDS: { type: 'number', minimum: 1, maximum: 86_400 },
  },
} as const satisfies JSONSchema;

export type SettingName = keyof typeof settingsSchema.properties;
export type ParsedSettings = FromSchema<typeof settingsSchema>;
