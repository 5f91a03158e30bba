import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, isObject, readResources, readTemplate } from './compiled.ts';

const readme = readFileSync(path.join(APP_ROOT, 'infra/README.md'), 'utf8');
const namesIn = (pattern: RegExp): string[] => [...readme.matchAll(pattern)].map(([, name = '']) => name);

describeCompiled('infra/README.md', () => {
  it('asks the deployment for outputs that it has', () => {
    const { outputs } = readTemplate();
    const asked = namesIn(/properties\.outputs\.(\w+)\.value/g);
    expect(asked).toContain('vaultName');
    for (const name of [...asked, 'egressIpAddress', 'appName', 'storageName', 'exportName']) {
      expect(readme).toContain(name);
      expect(Object.keys(isObject(outputs) ? outputs : {})).toContain(name);
    }
  });

  it('says what to do at each alert, and at no other', () => {
    const alerts = readResources('production')
      .filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules')
      .map(({ name }) => name.replace(/^renames-/, ''));
    const [, monitoring = ''] = readme.split('### Alerts and the workbook');
    const [table = ''] = monitoring.split('\n### ');
    expect([...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name = '']) => name).toSorted()).toEqual(
      alerts.toSorted(),
    );
  });

  it('takes the lock away by its name', () => {
    const [locked] = namesIn(/az lock delete --name (\S+)/g);
    const names = readResources('main')
      .filter(({ type }) => type === 'Microsoft.Authorization/locks')
      .map(({ name }) => name);
    expect(names).toEqual([locked]);
  });

  it('names the secrets as the deployment does', () => {
    const secrets = ['main', 'production']
      .flatMap(readResources)
      .filter(({ type }) => type === 'Microsoft.KeyVault/vaults/secrets')
      .map(({ name }) => name.split('/').at(-1) ?? '');
    const set = namesIn(/az keyvault secret set --vault-name "\$VAULT" --name (\S+)/g).filter(
      (name) => name !== 'training-key-RESOURCE',
    );
    expect(set).not.toEqual([]);
    expect(secrets).toEqual(expect.arrayContaining(set));
  });

  it('leads to headings that it has', () => {
    const anchors = namesIn(/\]\(#([^)]+)\)/g);
    const headings = namesIn(/^#+ (.+)$/gm).map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toEqual(expect.arrayContaining(anchors));
  });
});

/** The cells of the one row that begins with a text. */
function cellsOf(first: string): string[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| ${first}`)) ?? '';
  return row
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}
const number = (value: number): string => Math.round(value).toLocaleString('en-US');
const countOf = (scenario: string, type: string): string =>
  String(readResources(scenario).filter((resource) => resource.type === type).length);

describeCompiled('infra/README.md, of what it costs,', () => {
  it.each([
    { part: 'alert rules', type: 'Microsoft.Insights/scheduledQueryRules' },
    { part: 'private endpoints', type: 'Microsoft.Network/privateEndpoints' },
    { part: 'private DNS zones', type: 'Microsoft.Network/privateDnsZones' },
    { part: 'NAT gateway', type: 'Microsoft.Network/natGateways' },
  ])('counts what is deployed: $part', ({ part, type }) => {
    const counts = ['main', 'private-stores', 'production'].map((scenario) => countOf(scenario, type));
    expect(cellsOf(part).slice(0, 3)).toEqual(counts);
  });

  it('reckons with a second an execution, and with the rate limit of an instance', () => {
    const perMonth = 30 * 24 * 60;
    const app = readResources('main').find(({ type }) => type === 'Microsoft.Web/sites');
    const { instanceMemoryMB } = Object(app?.properties['functionAppConfig']).scaleAndConcurrency;
    const gigabytes = instanceMemoryMB / 1024;
    expect(cellsOf('executions: the timer')).toEqual(Array(3).fill(number(perMonth)));
    expect(cellsOf('GB-seconds: the timer')).toEqual(Array(3).fill(number(perMonth * gigabytes)));
    expect(cellsOf('GB-seconds: renames')).toEqual([
      '0',
      number(10_000 * gigabytes),
      `${number((1_000_000 / 3) * gigabytes)} to ${number(1_000_000 * gigabytes)}`,
    ]);
    expect(cellsOf('storage requests of renames')).toEqual(['0', '20,000', '2,000,000']);
    expect(readme).toContain('5,184,000 GB-seconds');
    expect(number(30 * 24 * 60 * 60 * gigabytes)).toBe('5,184,000');
  });
});

describeCompiled('infra/README.md, of commands,', () => {
  const webhooks = readFileSync(path.join(APP_ROOT, 'src/webhooks/README.md'), 'utf8');

  it('names the oldest tools that will do', () => {
    for (const tool of ['[azd]', '[Azure CLI]', 'Bicep (`az bicep upgrade`'])
      expect(cellsOf(tool)[0]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('keeps logs for as long as Azure Monitor knows', () => {
    // The values that Log Analytics takes beyond 730 days: whole years, with their leap days.
    const allowed = ['1095', '1460', '1826', '2191', '2556', '2922', '3288', '3653', '4018', '4383'];
    const asked = namesIn(/--total-retention-time (\d+)/g);
    expect(asked).not.toEqual([]);
    expect(allowed).toEqual(expect.arrayContaining(asked));
  });

  it('gives Event Grid a key of one function, and Custom Vision a role on one queue', () => {
    for (const text of [readme, webhooks]) {
      expect(text).not.toMatch(/functionapp keys set/);
      expect(text).not.toMatch(/Contributor on the queue's storage account/);
    }
    expect(webhooks).toContain('functionapp function keys set');
    expect(readme).toMatch(/--role "Storage Queue Data Contributor".*--scope "\$QUEUE"/);
  });

  it('runs scripts that there are', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(path.join(APP_ROOT, 'package.json'), 'utf8'),
    );
    for (const script of namesIn(/npm run ([a-z-]+)/g)) expect(scripts).toHaveProperty(script);
    for (const file of namesIn(/`?(infra\/[\w./-]+\.(?:bicepparam|bicep|sh|ts|yml))`?/g))
      expect({ file, exists: existsSync(path.join(APP_ROOT, file)) }).toEqual({ file, exists: true });
  });

  it('names parameters that the template has', () => {
    const parameters = Object.keys(Object(readTemplate()['parameters']));
    expect(parameters).toEqual(
      expect.arrayContaining([
        'recordExport',
        'keysValidForDays',
        'workspaceId',
        'alertActionGroupIds',
        'storageRedundancy',
      ]),
    );
  });
});
