import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, isObject, readResources } from './compiled.ts';

const project = path.join(APP_ROOT, 'infra');
const azureYaml = readFileSync(path.join(project, 'azure.yaml'), 'utf8');
/** The value of the only line with this name. */
const valueOf = (name: string): string => {
  const [value, ...others] = [...azureYaml.matchAll(new RegExp(`^ +${name}: (\\S+)`, 'gm'))].map(
    ([, found = '']) => found,
  );
  if (value === undefined || others.length > 0) throw new Error(`azure.yaml must have one ${name}`);
  return value;
};

describe('azd', () => {
  it('finds the template and its parameters beside azure.yaml', () => {
    const folder = path.join(project, valueOf('path'));
    expect(['main.bicep', 'main.bicepparam'].filter((file) => !existsSync(path.join(folder, file)))).toEqual(
      [],
    );
  });

  it('takes the package from where the script writes it, and builds nothing in the cloud', () => {
    const root = path.join(project, valueOf('project'));
    expect(path.relative(APP_ROOT, path.join(root, valueOf('dist')))).toBe(path.join('dist', 'package'));
    expect(valueOf('remoteBuild')).toBe('false');
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    );
    const hooks = [...azureYaml.matchAll(/^ +run: npm run (\S+)$/gm)].map(([, script = '']) => script);
    expect(hooks).toEqual(['package', 'package']);
    expect(scripts).toHaveProperty('package');
  });
});

describeCompiled('azd, once it has deployed the template,', () => {
  it('finds the app by the name of its service', () => {
    const [, service] = /^services:\n {2}([a-z]+):/m.exec(azureYaml) ?? [];
    const tagged = readResources('main').filter(
      ({ tags }) => isObject(tags) && tags['azd-service-name'] === service,
    );
    expect(tagged.map(({ type }) => type)).toEqual(['Microsoft.Web/sites']);
  });
});
