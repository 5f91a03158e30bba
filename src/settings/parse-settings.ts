import { type SchemaFault, settings as isParsedSettings } from '#validators';
import { type CompileNames, matchNothing } from '../callers/access-policy.ts';
import { toAccessPolicy, toCallerAuthentication } from './caller-settings.ts';
import { toConsole } from './console-sign-in.ts';
import { parseJsonSetting } from './json-setting.ts';
import { toResources } from './resource-settings.ts';
import { describeSchemaFault } from './schema-fault.ts';
import { checkExpressions, type ExpressionFault } from './setting-expressions.ts';
import { type AddFault, SettingsError } from './settings-error.ts';
import { type ParsedSettings, settingsSchema } from './settings.schema.ts';
import type { Settings } from './settings.ts';
import { toStorage } from './storage-settings.ts';
import { toVaultUri } from './vault-uri.ts';
import { toWebhookSources } from './webhook-settings.ts';

const JSON_SETTINGS = new Set<string>([
  'CUSTOM_VISION_RESOURCES',
  'CALLER_KEYS',
  'ACCESS_POLICY',
  'WEBHOOK_SOURCES',
]);
const NUMBER_SETTINGS = new Set<string>([
  'UPSTREAM_TIMEOUT_SECONDS',
  'UPSTREAM_MAX_RENAMES_PER_SECOND',
  'TRAINING_KEY_TTL_SECONDS',
]);

/** Replace faulty settings, so that one run finds the faults of all the others too. */
const STAND_INS = {
  CUSTOM_VISION_RESOURCES: { 'stand-in': { region: 'japaneast', trainingKeySecret: 'stand-in' } },
  KEY_VAULT_URI: 'https://stand-in.vault.azure.net',
  CALLER_AUTHENTICATION: 'function-key',
  ACCESS_POLICY: [],
} as const satisfies ParsedSettings;

/** Reads the app settings, or throws a `SettingsError` that lists every fault. */
export function parseSettings(
  environment: Readonly<Record<string, string | undefined>>,
  expressionFault: ExpressionFault = () => null,
  compileNames: CompileNames = matchNothing,
): Settings {
  const faults = new Map<string, string[]>();
  noteInsecureTls(environment, faults);
  const parsed = parseValues(environment, faults);
  if (!isParsedSettings(parsed)) {
    for (const error of isParsedSettings.errors ?? []) noteSchemaFault(error, faults);
  }
  const sound = {
    ...STAND_INS,
    ...Object.fromEntries(Object.entries(parsed).filter(([name]) => !faults.has(name))),
  };
  if (!isParsedSettings(sound)) throw new SettingsError([...faults.values()].flat());
  const unreadable = new Set(faults.keys());
  const complain: AddFault = (name, fault) => {
    if (!unreadable.has(name)) addFault(faults, name, fault); // what cannot be read only seems to be missing
  };
  const settings = toSettings(sound, compileNames, complain);
  checkExpressions(settings, expressionFault, complain);
  if (faults.size > 0) throw new SettingsError([...faults.values()].flat());
  return settings;
}

/** With it, anyone on the network could pose as the vault or the upstream. */
function noteInsecureTls(
  { NODE_TLS_REJECT_UNAUTHORIZED: verification }: Readonly<Record<string, string | undefined>>,
  faults: Map<string, string[]>,
): void {
  if (verification !== '0') return;
  const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
  addFault(faults, name, ' must not be 0: keys would go to anyone. Name a CA in NODE_EXTRA_CA_CERTS instead');
}

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

function noteSchemaFault(error: SchemaFault, faults: Map<string, string[]>): void {
  const described = describeSchemaFault(error);
  if (described === null) return;
  const { name, fault, isMissing } = described;
  if (isMissing && faults.has(name)) return; // it is set, but cannot be read
  addFault(faults, name, fault);
}

function toSettings(parsed: ParsedSettings, compileNames: CompileNames, fault: AddFault): Settings {
  const callerAuthentication = toCallerAuthentication(parsed, fault);
  return {
    resources: toResources(parsed, fault),
    keyVaultUri: toVaultUri(parsed.KEY_VAULT_URI, fault),
    clientId: parsed.AZURE_CLIENT_ID ?? null,
    storage: toStorage(parsed, fault),
    callerAuthentication,
    console: toConsole(parsed, callerAuthentication, fault),
    accessPolicy: toAccessPolicy(parsed, compileNames, fault),
    webhookSources: toWebhookSources(parsed, fault),
    upstreamTimeoutMs: (parsed.UPSTREAM_TIMEOUT_SECONDS ?? 10) * 1000,
    upstreamMaxRenamesPerSecond: parsed.UPSTREAM_MAX_RENAMES_PER_SECOND ?? 3,
    trainingKeyTtlMs: (parsed.TRAINING_KEY_TTL_SECONDS ?? 300) * 1000,
  };
}
