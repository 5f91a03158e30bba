import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { hasExpressions } from '../../src/settings/setting-expressions.ts';
import { settingsSchema } from '../../src/settings/settings.schema.ts';
import { expressionFault } from '../../src/expressions/expression.ts';
import { APP_ROOT } from '../stack/stack.ts';
import { appSettings, describeCompiled, isObject, readResources, SCENARIOS } from './compiled.ts';

const NAMES = Object.keys(settingsSchema.properties);
const ENTRA = new Set(['ENTRA_TENANT_ID', 'ENTRA_AUDIENCE', 'ENTRA_AUTHORITY']);
/** With a key in it: the deployment connects by identity instead. */
const NEVER_DEPLOYED = 'RENAME_STORAGE';
/** What the host reads. Flex Consumption takes its runtime from the app's configuration, not from settings. */
const HOST = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR',
];
const LOCAL_HOST = [
  'AzureWebJobsStorage',
  'FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR',
  'FUNCTIONS_WORKER_RUNTIME',
];

const CLIENT_ID = '66666666-6666-6666-6666-666666666666';
/** What the cloud makes of the expressions that are left. */
const IN_THE_CLOUD: readonly (readonly [RegExp, string])[] = [
  [/^\[reference\('[^']*\/userAssignedIdentities\/[^']*', '[^']*'\)\.clientId\]$/, CLIENT_ID],
  [/^\[reference\(.*\)\.outputs\.vaultUri\.value\]$/, 'https://kv-renames.vault.azure.net/'],
  [/^\[reference\(.*\)\.outputs\.tableServiceUri\.value\]$/, 'https://strenames.table.core.windows.net/'],
  [/^\[reference\(.*\)\.outputs\.queueServiceUri\.value\]$/, 'https://strenames.queue.core.windows.net/'],
  [/^\[environment\(\)\.authentication\.loginEndpoint\]$/, 'https://login.microsoftonline.com/'],
];

/** The app's own settings, as the running app finds them in its environment. */
function deployedSettings(scenario: string): Record<string, string> {
  const found = Object.entries(appSettings(readResources(scenario))).filter(([name]) => !HOST.includes(name));
  return Object.fromEntries(
    found.map(([name, value]) => {
      const [, replacement = value] = IN_THE_CLOUD.find(([expression]) => expression.test(value)) ?? [];
      return [name, replacement];
    }),
  );
}

const read = (file: string): string => readFileSync(path.join(APP_ROOT, file), 'utf8');
const settingsOf = (scenario: string): Settings => parseSettings(deployedSettings(scenario), expressionFault);

describeCompiled('the deployed settings', () => {
  it.each(SCENARIOS)('are every one that the app reads, and no other: $scenario', ({ scenario }) => {
    const names = Object.keys(appSettings(readResources(scenario)));
    const hasEntra = names.includes('ENTRA_TENANT_ID');
    const expected = NAMES.filter((name) => name !== NEVER_DEPLOYED && (hasEntra || !ENTRA.has(name)));
    expect(names.toSorted()).toEqual([...expected, ...HOST].toSorted());
  });

  it.each(SCENARIOS)('are accepted by the app: $scenario', ({ scenario }) => {
    expect(settingsOf(scenario)).toMatchObject({
      keyVaultUri: 'https://kv-renames.vault.azure.net',
      clientId: CLIENT_ID,
      storage: {
        kind: 'managed-identity',
        tableServiceUri: 'https://strenames.table.core.windows.net/',
        queueServiceUri: 'https://strenames.queue.core.windows.net/',
        clientId: CLIENT_ID,
      },
    });
  });

  it('mean what the parameters of the closed network say', () => {
    const { resources, callerAuthentication, accessPolicy, webhookSources } = settingsOf('production');
    expect(
      [...resources].map(([name, { endpoint, trainingKeySecret }]) => [
        name,
        endpoint.href,
        trainingKeySecret,
      ]),
    ).toEqual([
      ['inspection', 'https://japaneast.api.cognitive.microsoft.com/', 'training-key-inspection'],
      ['sorting', 'https://vision-sorting.cognitiveservices.azure.com/', 'training-key-sorting'],
    ]);
    expect(callerAuthentication).toEqual({
      kind: 'entra',
      tenantId: '00000000-0000-0000-0000-000000000000',
      audience: 'api://custom-vision-renames',
      authority: 'https://login.microsoftonline.com',
    });
    expect(accessPolicy.map(({ caller, may }) => [caller, may])).toEqual([
      ['entra:11111111-1111-1111-1111-111111111111', ['rename']],
      ['entra:33333333-3333-3333-3333-333333333333', ['read']],
      ['webhook:registry', ['rename']],
    ]);
    expect([...webhookSources]).toMatchObject([
      ['registry', { scheme: 'mlflow', secret: 'webhook-registry' }],
    ]);
  });

  it('carry every option to the app', () => {
    const settings = settingsOf('every-option');
    expect(settings).toMatchObject({
      upstreamTimeoutMs: 20_000,
      upstreamMaxRenamesPerSecond: 5,
      trainingKeyTtlMs: 60_000,
      callerAuthentication: { kind: 'function-key' },
      accessPolicy: [{ caller: '*', names: 'v\\d+ "approved"' }, { caller: 'training:default' }],
    });
    expect(settings.resources.get('default')).toMatchObject({
      notificationQueue: 'default-trained',
      iterationName: '"trained-" & $substring(iteration.trainedAt, 0, 10)',
    });
    expect([...settings.webhookSources].map(([name, { secret }]) => [name, secret])).toEqual([
      ['builds', null],
      ['deploys', 'webhook-deploys'],
      ['events', null],
      ['jobs', 'webhook-jobs'],
      ['pipeline', 'webhook-pipeline'],
    ]);
  });

  it.each(SCENARIOS)('load JSONata only where it is needed: $scenario', ({ scenario }) => {
    const needsExpressions = scenario === 'production' || scenario === 'every-option';
    expect(hasExpressions(deployedSettings(scenario))).toBe(needsExpressions);
  });

  it('name a queue for each resource that names its iterations by itself', () => {
    const queues = readResources('every-option')
      .filter(({ type }) => type === 'Microsoft.Storage/storageAccounts/queueServices/queues')
      .map(({ name }) => name.split('/').at(-1) ?? '');
    expect(queues.toSorted()).toEqual([
      'default-trained',
      'default-trained-poison',
      'renames',
      'renames-poison',
    ]);
  });
});

describe('local.settings.json', () => {
  it('has each setting, and those of the local host', () => {
    const parsed: unknown = JSON.parse(read('local.settings.json'));
    const values = isObject(parsed) ? parsed['Values'] : null;
    expect(Object.keys(isObject(values) ? values : {}).toSorted()).toEqual(
      [...NAMES, ...LOCAL_HOST].toSorted(),
    );
  });
});
