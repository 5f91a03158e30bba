import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStorageAccount, type StorageAccount } from './storage-account.ts';
import { createAppFolder } from './fixtures/function-app.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';

let azurite: StorageAccount;
const stacks: Stack[] = [];

beforeAll(async () => {
  azurite = await openStorageAccount();
});
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
});
afterAll(() => azurite.stop());

async function start(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({ azurite, ...options });
  stacks.push(stack);
  return stack;
}

describe('the stack', () => {
  it('gives the app its whole environment, with no secret of the vault in it', async () => {
    const { settings, trainingKey } = await start({ settings: { UPSTREAM_TIMEOUT_SECONDS: '1' } });
    expect(Object.keys(settings)).toEqual(
      expect.arrayContaining([
        'CUSTOM_VISION_RESOURCES',
        'KEY_VAULT_URI',
        'IDENTITY_ENDPOINT',
        'RENAME_STORAGE',
        'ACCESS_POLICY',
      ]),
    );
    expect(settings['UPSTREAM_TIMEOUT_SECONDS']).toBe('1');
    expect(settings['AzureWebJobsDisableHomepage']).toBe('true'); // as in a deployment
    expect(JSON.stringify(settings)).not.toContain(JSON.stringify(trainingKey).slice(1, -1));
  });

  it('has a training key that URLs, JSON and base64 each write differently, and that a header can carry', async () => {
    const { trainingKey, customVision, sample } = await start();
    expect(
      new Set([
        trainingKey,
        encodeURIComponent(trainingKey),
        JSON.stringify(trainingKey).slice(1, -1),
        btoa(trainingKey),
      ]).size,
    ).toBe(4);
    expect(trainingKey).toMatch(/^[\x21-\x7e]{32,}$/);
    const url = `${customVision.endpoint}/customvision/v3.2/training/projects/${sample.id}/iterations`;
    expect((await fetch(url, { headers: { 'training-key': trainingKey } })).status).toBe(200);
  });

  it('has one upstream and one key for each resource', async () => {
    const { settings, customVisions, trainingKeys } = await start({ resources: ['default', 'europe'] });
    expect(new Set(Object.values(trainingKeys)).size).toBe(2);
    expect(JSON.parse(settings['CUSTOM_VISION_RESOURCES'] ?? '')).toEqual({
      default: { endpoint: customVisions['default']?.endpoint, trainingKeySecret: 'training-key' },
      europe: { endpoint: customVisions['europe']?.endpoint, trainingKeySecret: 'training-key-europe' },
    });
  });

  it('counts what goes through RENAME_STORAGE only', async () => {
    const { settings, tables } = await start();
    await connect(settings['RENAME_STORAGE']).createTable();
    await connect(azurite.connectionString).createEntity({ partitionKey: 'p', rowKey: 'r' });
    expect(tables.operations().map(({ operation }) => operation)).toEqual(['create-table']);
  });

  it('starts apps with its settings, and ends them when it stops', async () => {
    const stack = await start();
    const folder = await createAppFolder({
      source: `import { app } from '@azure/functions';
        app.http('vault', { methods: ['GET'], authLevel: 'anonymous', route: 'vault', handler: () => ({ body: process.env.KEY_VAULT_URI + process.env.MORE }) });`,
    });
    const apps = await Promise.all(
      [1, 2].map(() => stack.startApp({ appRoot: folder.appRoot, settings: { MORE: '!' } })),
    );
    const answers = await Promise.all(
      apps.map(({ url }) => fetch(`${url}/api/vault`).then((response) => response.text())),
    );
    expect(answers).toEqual([`${stack.keyVault.uri}!`, `${stack.keyVault.uri}!`]);
    await stack.stop();
    expect(await Promise.all(apps.map(({ exited }) => exited))).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    await folder.remove();
  });
});

function connect(connection = ''): TableClient {
  return TableClient.fromConnectionString(connection, 'counted', { allowInsecureConnection: true });
}
