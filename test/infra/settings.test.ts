import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appSettings,
  deployedSettings,
  HOST_SETTINGS,
  STAND_IN_CLIENT_ID,
} from '../../infra/scripts/deployed-settings.ts';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { hasExpressions } from '../../src/settings/setting-expressions.ts';
import { settingsSchema } from '../../src/settings/settings.schema.ts';
import { expressionFault } from '../../src/expressions/expression.ts';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, isObject, readResources, readTemplate, SCENARIOS } from './compiled.ts';
import { templatesOf } from './leaks.ts';

const NAMES = Object.keys(settingsSchema.properties);
/** Of a way to authenticate callers: deployed with it only. */
const ONLY_WITH = new Map([
  ['ENTRA_TENANT_ID', 'entra'],
  ['ENTRA_AUDIENCE', 'entra'],
  ['ENTRA_AUTHORITY', 'entra'],
  ['CALLER_KEYS', 'caller-key'],
]);
/** With a key in it: the deployment connects by identity instead. */
const NEVER_DEPLOYED = 'RENAME_STORAGE';
const LOCAL_HOST = [
  'AzureWebJobsStorage',
  'AzureWebJobsDisableHomepage',
  'FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR',
  'FUNCTIONS_WORKER_RUNTIME',
];

const settingsFor = (scenario: string): Record<string, string> => deployedSettings(readResources(scenario));
const read = (file: string): string => readFileSync(path.join(APP_ROOT, file), 'utf8');
const settingsOf = (scenario: string): Settings =>
  parseSettings(settingsFor(scenario), expressionFault, compileNames);

describeCompiled('the deployed settings', () => {
  it.each(SCENARIOS)('are every one that the app reads, and no other: $scenario', ({ scenario }) => {
    const deployed = appSettings(readResources(scenario));
    const ways = deployed['CALLER_AUTHENTICATION']?.split(',') ?? [];
    const expected = NAMES.filter(
      (name) => name !== NEVER_DEPLOYED && ways.includes(ONLY_WITH.get(name) ?? ways[0] ?? ''),
    );
    expect(Object.keys(deployed).toSorted()).toEqual([...expected, ...HOST_SETTINGS].toSorted());
  });

  it.each(SCENARIOS)('are accepted by the app: $scenario', ({ scenario }) => {
    expect(settingsOf(scenario)).toMatchObject({
      keyVaultUri: 'https://kv-renames.vault.azure.net',
      clientId: STAND_IN_CLIENT_ID,
      storage: {
        kind: 'managed-identity',
        tableServiceUri: 'https://strenames.table.core.windows.net/',
        queueServiceUri: 'https://strenames.queue.core.windows.net/',
        clientId: STAND_IN_CLIENT_ID,
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
      entra: {
        tenantId: '00000000-0000-0000-0000-000000000000',
        audience: '66666666-6666-6666-6666-666666666666',
        authority: 'https://login.microsoftonline.com',
      },
      callerKeys: null,
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

  it('have the endpoint that the account has, wherever it is', () => {
    const { CUSTOM_VISION_RESOURCES: setting = '' } = appSettings(readResources('main'));
    expect(setting).toMatch(
      /^\[reduce\(reference\(.*\.outputs\.endpoints\.value, .*account'\)\.endpoint\)\)\)\]$/,
    );
    const account = [...templatesOf(readTemplate())].find(({ at }) => at.endsWith('/fromAccount'));
    expect(account?.template['outputs']).toMatchObject({
      endpoint: { value: "[reference('account').endpoint]" },
    });
    expect(settingsOf('main').resources.get('default')?.endpoint.href).toBe(
      'https://default.endpoint-of-account.invalid/',
    );
  });

  it('name the services of the host’s storage by their addresses, so that any cloud will do', () => {
    for (const { scenario } of SCENARIOS)
      expect(appSettings(readResources(scenario))).toMatchObject({
        AzureWebJobsStorage__blobServiceUri: expect.stringContaining('.outputs.blobServiceUri.value'),
        AzureWebJobsStorage__queueServiceUri: expect.stringContaining('.outputs.queueServiceUri.value'),
        AzureWebJobsStorage__tableServiceUri: expect.stringContaining('.outputs.tableServiceUri.value'),
      });
  });

  it.each([
    { scenario: 'main', expected: { signIn: ['caller-key'], entra: null } },
    { scenario: 'production', expected: null },
    { scenario: 'zones-elsewhere', expected: null },
    { scenario: 'landing-zone', expected: { signIn: ['function-key'], entra: null } },
  ])('have the console page, or none: $scenario', ({ scenario, expected }) => {
    expect(settingsOf(scenario).console).toEqual(expected);
  });

  it('carry every option to the app', () => {
    const settings = settingsOf('every-option');
    expect(settings).toMatchObject({
      upstreamTimeoutMs: 20_000,
      upstreamMaxRenamesPerSecond: 5,
      trainingKeyTtlMs: 60_000,
      callerAuthentication: {
        kind: 'entra,caller-key',
        entra: { audience: 'api://custom-vision-renames' },
        callerKeys: new Set(['line-3', 'release-pipeline']),
      },
      console: {
        signIn: ['entra', 'caller-key'],
        entra: {
          clientId: '55555555-5555-5555-5555-555555555555',
          authority: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000',
          scope: 'api://custom-vision-renames/Iterations.Rename',
        },
      },
      accessPolicy: [
        { caller: '*', names: 'v\\d+ "approved"' },
        { caller: 'key:release-pipeline' },
        { caller: 'training:default' },
      ],
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
    const needsExpressions = !['main', 'zones-elsewhere'].includes(scenario);
    expect(hasExpressions(settingsFor(scenario))).toBe(needsExpressions);
  });

  it.each<{ scenario: string; more: readonly string[] }>([
    { scenario: 'main', more: [] },
    { scenario: 'zones-elsewhere', more: [] },
    { scenario: 'every-option', more: ['default-trained', 'default-trained-poison'] },
  ])('have the queue of renames, and one for each resource that names its iterations: $scenario', (one) => {
    const queues = readResources(one.scenario)
      .filter(({ type }) => type === 'Microsoft.Storage/storageAccounts/queueServices/queues')
      .map(({ name }) => name.split('/').at(-1) ?? '');
    expect(queues.toSorted()).toEqual([...one.more, 'renames', 'renames-poison']);
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
