import { settings as isParsedSettings } from '#validators';
import { createAccessPolicy, type Grant } from '../callers/access-policy.ts';
import type { UpstreamResource } from '../custom-vision/upstream-client.ts';
import { regionalEndpoint } from '../custom-vision/regions.ts';
import { checkExpressions, type ExpressionFault } from './setting-expressions.ts';
import { parseJsonSetting } from './json-setting.ts';
import { connectionStringFault } from './connection-string.ts';
import { checkServiceUri, isLoopback, toOrigin } from './service-uri.ts';
import { type ParsedSettings, type SettingName, settingsSchema } from './settings.schema.ts';

export interface ResourceSettings extends UpstreamResource {
  readonly notificationQueue: string | null;
  readonly iterationName: string | null;
}

export interface WebhookSource {
  readonly scheme: 'standard-webhooks' | 'github' | 'mlflow' | 'cloud-events';
  readonly secret: string | null;
  readonly rename: string;
}

export type StorageConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | {
      readonly kind: 'managed-identity';
      readonly tableServiceUri: string;
      readonly queueServiceUri: string | null;
      readonly clientId: string | null;
    };

export type CallerAuthentication =
  | { readonly kind: 'function-key' }
  | {
      readonly kind: 'entra';
      readonly tenantId: string;
      readonly audience: string;
      readonly authority: string;
    };

export interface Settings {
  readonly resources: ReadonlyMap<string, ResourceSettings>;
  readonly keyVaultUri: string;
  readonly clientId: string | null;
  readonly storage: StorageConnection;
  readonly callerAuthentication: CallerAuthentication;
  readonly accessPolicy: readonly Grant[];
  readonly webhookSources: ReadonlyMap<string, WebhookSource>;
  readonly upstreamTimeoutMs: number;
  readonly upstreamMaxRenamesPerSecond: number;
  readonly trainingKeyTtlMs: number;
}

/** One error for all faults, each with the name of its setting, so that an operator needs one round to mend them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The app settings are not usable:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

const JSON_SETTINGS = new Set<string>(['CUSTOM_VISION_RESOURCES', 'ACCESS_POLICY', 'WEBHOOK_SOURCES']);
const NUMBER_SETTINGS = new Set<string>([
  'UPSTREAM_TIMEOUT_SECONDS',
  'UPSTREAM_MAX_RENAMES_PER_SECOND',
  'TRAINING_KEY_TTL_SECONDS',
]);
const PUBLIC_CLOUD_AUTHORITY = 'https://login.microsoftonline.com';
const VAULT_DOMAINS = ['.vault.azure.net', '.vault.azure.cn', '.vault.usgovcloudapi.net'];

/** The queue of promised renames, and what the host makes for messages that it gives up. */
const RESERVED_QUEUE = /^renames$|-poison$/;

/** Take the place of faulty settings, so that one look finds the faults of all the others too. */
const STAND_INS = {
  CUSTOM_VISION_RESOURCES: { 'stand-in': { region: 'japaneast', trainingKeySecret: 'stand-in' } },
  KEY_VAULT_URI: 'https://stand-in.vault.azure.net',
  CALLER_AUTHENTICATION: 'function-key',
  ACCESS_POLICY: [],
} as const satisfies ParsedSettings;

/** Reads the app settings, or throws a `SettingsError` that lists all that is wrong with them. */
export function parseSettings(
  environment: Readonly<Record<string, string | undefined>>,
  expressionFault: ExpressionFault = () => null,
): Settings {
  const faults = new Map<string, string[]>();
  const parsed = parseValues(environment, faults);
  if (!isParsedSettings(parsed)) {
    for (const error of isParsedSettings.errors ?? []) addSchemaFault(error, faults);
  }
  const sound = {
    ...STAND_INS,
    ...Object.fromEntries(Object.entries(parsed).filter(([name]) => !faults.has(name))),
  };
  if (!isParsedSettings(sound)) throw new SettingsError([...faults.values()].flat());
  const complain: AddFault = (name, fault) => addFault(faults, name, fault);
  const settings = toSettings(sound, complain);
  checkExpressions(settings, expressionFault, complain);
  if (faults.size > 0) throw new SettingsError([...faults.values()].flat());
  return settings;
}

export type AddFault = (name: SettingName, fault: string) => void;

function addFault(faults: Map<string, string[]>, name: string, fault: string): void {
  faults.set(name, [...(faults.get(name) ?? []), `${name}${fault}`]);
}

function parseValues(
  environment: Readonly<Record<string, string | undefined>>,
  faults: Map<string, string[]>,
): Record<string, unknown> {
  const parsed: Record<string, unknown> = {};
  for (const name of Object.keys(settingsSchema.properties)) {
    const text = environment[name]?.trim();
    if (text === undefined || text === '') continue;
    if (JSON_SETTINGS.has(name)) {
      const read = parseJsonSetting(text);
      if ('value' in read) parsed[name] = read.value;
      else for (const fault of read.faults) addFault(faults, name, fault);
    } else {
      parsed[name] = NUMBER_SETTINGS.has(name) ? Number(text) : text;
    }
  }
  return parsed;
}

function addSchemaFault(
  error: {
    instancePath: string;
    keyword: string;
    params: Record<string, unknown>;
    message?: string;
    propertyName?: string;
  },
  faults: Map<string, string[]>,
): void {
  const [, name = String(error.params['missingProperty']), ...rest] = error.instancePath.split('/');
  const path = rest.map((part) => `/${part}`).join('');
  const isMissingSetting = error.instancePath === '';
  if (isMissingSetting && faults.has(name)) return; // it is there, but not readable
  const values = error.params['allowedValues'];
  const allowed = Array.isArray(values) ? `: ${values.join(', ')}` : '';
  const extra = error.params['additionalProperty'];
  const about =
    typeof extra === 'string'
      ? ` (${extra})`
      : error.propertyName === undefined
        ? ''
        : ` (${error.propertyName})`;
  if (error.keyword === 'propertyNames') return; // says no more than the fault of the name itself
  addFault(
    faults,
    name,
    isMissingSetting ? ' is required' : `${path} ${error.message ?? 'is not valid'}${allowed}${about}`,
  );
}

function toSettings(parsed: ParsedSettings, fault: AddFault): Settings {
  return {
    resources: toResources(parsed, fault),
    keyVaultUri: toVaultUri(parsed.KEY_VAULT_URI, fault),
    clientId: parsed.AZURE_CLIENT_ID ?? null,
    storage: toStorage(parsed, fault),
    callerAuthentication: toCallerAuthentication(parsed, fault),
    accessPolicy: toAccessPolicy(parsed, fault),
    webhookSources: toWebhookSources(parsed, fault),
    upstreamTimeoutMs: (parsed.UPSTREAM_TIMEOUT_SECONDS ?? 10) * 1000,
    upstreamMaxRenamesPerSecond: parsed.UPSTREAM_MAX_RENAMES_PER_SECOND ?? 3,
    trainingKeyTtlMs: (parsed.TRAINING_KEY_TTL_SECONDS ?? 300) * 1000,
  };
}

function toResources({ CUSTOM_VISION_RESOURCES }: ParsedSettings, fault: AddFault): Settings['resources'] {
  const resources = new Map<string, ResourceSettings>();
  const queues = new Set<string>();
  for (const [name, { region, endpoint, ...rest }] of Object.entries(CUSTOM_VISION_RESOURCES)) {
    const { trainingKeySecret, notificationQueue = null, iterationName = null } = rest;
    const complain = (message: string) => fault('CUSTOM_VISION_RESOURCES', `/${name} ${message}`);
    if ((region === undefined) === (endpoint === undefined))
      complain('must have either a region or an endpoint');
    if ((notificationQueue === null) !== (iterationName === null)) {
      complain('must have notificationQueue and iterationName together, or neither');
    }
    if (notificationQueue !== null) {
      if (RESERVED_QUEUE.test(notificationQueue)) complain('must have a notificationQueue that is not ours');
      if (queues.has(notificationQueue)) complain('must have a notificationQueue of its own');
      queues.add(notificationQueue);
    }
    const url = region === undefined ? toOrigin(endpoint ?? '', complain) : regionalEndpoint(region);
    if (url !== null)
      resources.set(name, { endpoint: url, trainingKeySecret, notificationQueue, iterationName });
  }
  return resources;
}

function toVaultUri(text: string, fault: AddFault): string {
  const complain = (message: string) => fault('KEY_VAULT_URI', ` ${message}`);
  const url = toOrigin(text, complain);
  if (url !== null && !isLoopback(url) && !VAULT_DOMAINS.some((domain) => url.hostname.endsWith(domain))) {
    complain(`must be a vault: https://NAME${VAULT_DOMAINS[0]}`);
  }
  return url?.origin ?? text;
}

function toStorage(parsed: ParsedSettings, fault: AddFault): StorageConnection {
  const { RENAME_STORAGE: connectionString, RENAME_STORAGE__tableServiceUri: tableServiceUri } = parsed;
  const { RENAME_STORAGE__queueServiceUri: queueServiceUri } = parsed;
  if (connectionString !== undefined && tableServiceUri !== undefined) {
    fault('RENAME_STORAGE', ' and RENAME_STORAGE__tableServiceUri exclude each other');
  }
  if (tableServiceUri === undefined) {
    if (connectionString === undefined)
      fault('RENAME_STORAGE', ' or RENAME_STORAGE__tableServiceUri is required');
    const mistake = connectionString === undefined ? null : connectionStringFault(connectionString);
    if (mistake !== null) fault('RENAME_STORAGE', ` ${mistake}`);
    return { kind: 'connection-string', connectionString: connectionString ?? '' };
  }
  checkServiceUri(tableServiceUri, (message) => fault('RENAME_STORAGE__tableServiceUri', ` ${message}`));
  const hasSources = Object.keys(parsed.WEBHOOK_SOURCES ?? {}).length > 0;
  const isQueued = hasSources || hasNotificationQueue(parsed);
  if (queueServiceUri === undefined && isQueued) {
    fault('RENAME_STORAGE__queueServiceUri', ' is required with WEBHOOK_SOURCES or a notificationQueue');
  }
  if (queueServiceUri !== undefined) {
    checkServiceUri(queueServiceUri, (message) => fault('RENAME_STORAGE__queueServiceUri', ` ${message}`));
  }
  return {
    kind: 'managed-identity',
    tableServiceUri,
    queueServiceUri: queueServiceUri ?? null,
    clientId: parsed.RENAME_STORAGE__clientId ?? parsed.AZURE_CLIENT_ID ?? null,
  };
}

function hasNotificationQueue({ CUSTOM_VISION_RESOURCES }: ParsedSettings): boolean {
  return Object.values(CUSTOM_VISION_RESOURCES).some(
    ({ notificationQueue }) => notificationQueue !== undefined,
  );
}

function toCallerAuthentication(parsed: ParsedSettings, fault: AddFault): CallerAuthentication {
  if (parsed.CALLER_AUTHENTICATION === 'function-key') return { kind: 'function-key' };
  const { ENTRA_TENANT_ID: tenantId, ENTRA_AUDIENCE: audience } = parsed;
  const authority = parsed.ENTRA_AUTHORITY ?? PUBLIC_CLOUD_AUTHORITY;
  if (tenantId === undefined) fault('ENTRA_TENANT_ID', ' is required with CALLER_AUTHENTICATION=entra');
  if (audience === undefined) fault('ENTRA_AUDIENCE', ' is required with CALLER_AUTHENTICATION=entra');
  const url = toOrigin(authority, (message) => fault('ENTRA_AUTHORITY', ` ${message}`));
  return {
    kind: 'entra',
    tenantId: tenantId?.toLowerCase() ?? '',
    audience: audience ?? '',
    authority: url?.origin ?? authority,
  };
}

function toAccessPolicy({ ACCESS_POLICY: grants }: ParsedSettings, fault: AddFault): readonly Grant[] {
  for (const [index, grant] of grants.entries()) {
    try {
      createAccessPolicy([grant]);
    } catch (error) {
      fault('ACCESS_POLICY', `/${index} ${error instanceof Error ? error.message : 'is not valid'}`);
    }
  }
  return grants;
}

function toWebhookSources(
  { WEBHOOK_SOURCES = {} }: ParsedSettings,
  fault: AddFault,
): Settings['webhookSources'] {
  const sources = new Map<string, WebhookSource>();
  for (const [name, { scheme, secret = null, rename }] of Object.entries(WEBHOOK_SOURCES)) {
    if (scheme !== 'cloud-events' && secret === null) fault('WEBHOOK_SOURCES', `/${name} must have a secret`);
    if (scheme === 'cloud-events' && secret !== null) {
      fault('WEBHOOK_SOURCES', `/${name} must not have a secret: its sender is a caller like any other`);
    }
    sources.set(name, { scheme, secret, rename });
  }
  return sources;
}
