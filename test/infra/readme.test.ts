import { readFileSync } from 'node:fs';
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
    expect(asked).toContain('appName');
    for (const name of [...asked, 'egressIpAddress', 'vaultName', 'storageName']) {
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
    const secrets = readResources('production')
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
