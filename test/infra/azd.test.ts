import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import ignore from 'ignore';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, isObject, readResources, readTemplate } from './compiled.ts';

interface Hook {
  readonly posix: { readonly shell: string; readonly run: string };
  readonly windows: { readonly shell: string; readonly run: string };
}
interface AzureYaml {
  readonly name: string;
  readonly requiredVersions: { readonly azd: string };
  readonly infra: { readonly provider: string; readonly path: string };
  readonly hooks: { readonly preprovision: Hook };
  readonly services: {
    readonly [name: string]: {
      readonly project: string;
      readonly language: string;
      readonly host: string;
      readonly dist: string;
      readonly remoteBuild: boolean;
      readonly hooks: { readonly prepackage: Hook };
    };
  };
}

const project = path.join(APP_ROOT, 'infra');
const azureYaml: AzureYaml = parse(readFileSync(path.join(project, 'azure.yaml'), 'utf8'));
const { proxy } = azureYaml.services;
if (proxy === undefined) throw new Error('azure.yaml has no service "proxy"');
const root = path.join(project, proxy.project);

const hook = {
  type: 'object',
  required: ['posix', 'windows'],
  additionalProperties: false,
  properties: {
    posix: { type: 'object', properties: { shell: { enum: ['sh'] }, run: { type: 'string' } } },
    windows: { type: 'object', properties: { shell: { enum: ['pwsh'] }, run: { type: 'string' } } },
  },
};
/**
 * The part of azd's schema (azure-dev, schemas/v1.0/azure.yaml.json) that azure.yaml uses, and not a property
 * more.
 */
const schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 2, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    requiredVersions: {
      type: 'object',
      properties: { azd: { type: 'string' } },
      additionalProperties: false,
    },
    infra: {
      type: 'object',
      properties: { provider: { enum: ['bicep'] }, path: { type: 'string' } },
      additionalProperties: false,
    },
    hooks: { type: 'object', properties: { preprovision: hook }, additionalProperties: false },
    services: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['host'],
        additionalProperties: false,
        properties: {
          project: { type: 'string' },
          language: { enum: ['js'] },
          host: { enum: ['function'] },
          dist: { type: 'string' },
          remoteBuild: { type: 'boolean' },
          hooks: { type: 'object', properties: { prepackage: hook }, additionalProperties: false },
        },
      },
    },
  },
};

/**
 * How azd decides on a build in the cloud, and what it refuses, at the very end of `azd up` (azure-dev,
 * cli/azd/pkg/project/service_target_functionapp.go, resolveFunctionAppRemoteBuild; from 1.23.12 on).
 */
function resolveRemoteBuild(remoteBuild: boolean | undefined, funcignore: string | null): boolean {
  if (funcignore === null) return remoteBuild ?? true;
  const isExcluded = ignore().add(funcignore).ignores('node_modules/');
  if (remoteBuild === undefined) return isExcluded;
  if (remoteBuild !== !isExcluded) return remoteBuild;
  throw new Error(
    `'remoteBuild: ${remoteBuild}' and a .funcignore that ${isExcluded ? 'excludes' : 'keeps'} node_modules`,
  );
}

describe('azd', () => {
  it('understands azure.yaml', () => {
    const ajv = new Ajv2019({ allErrors: true });
    ajv.validate(schema, azureYaml);
    expect(ajv.errors).toBeNull();
  });

  it('finds the template and its parameters beside azure.yaml', () => {
    const folder = path.join(project, azureYaml.infra.path);
    expect(['main.bicep', 'main.bicepparam'].filter((file) => !existsSync(path.join(folder, file)))).toEqual(
      [],
    );
  });

  it('takes the package from where the script writes it, and builds nothing in the cloud', () => {
    expect(path.relative(APP_ROOT, path.join(root, proxy.dist))).toBe(path.join('dist', 'package'));
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    );
    const { posix, windows } = proxy.hooks.prepackage;
    expect([posix.run, windows.run]).toEqual(['npm run package', 'npm run package']);
    expect(scripts).toHaveProperty('package');
    expect(scripts).toHaveProperty('preflight');
  });

  it('does not refuse the package once everything is provisioned', () => {
    const file = path.join(root, '.funcignore');
    const funcignore = existsSync(file) ? readFileSync(file, 'utf8') : null;
    expect(resolveRemoteBuild(proxy.remoteBuild, funcignore)).toBe(false);
    for (const refused of ['*\n!dist/\n', 'node_modules', 'node_modules/', '/node_modules'])
      expect(() => resolveRemoteBuild(false, refused)).toThrow('excludes node_modules');
    expect(resolveRemoteBuild(false, 'src/\ntest/\n')).toBe(false);
  });

  it('checks the parameters that it deploys, before it deploys them', () => {
    const { posix, windows } = azureYaml.hooks.preprovision;
    const file = path.join('infra', azureYaml.infra.path, 'main.bicepparam');
    for (const { run } of [posix, windows]) expect(run).toContain(`npm run preflight -- ${file}`);
  });

  it('is new enough to know what azure.yaml says', () => {
    expect(azureYaml.requiredVersions.azd).toBe('>= 1.23.12');
  });
});

describeCompiled('azd, once it has deployed the template,', () => {
  it('finds the app by the name of its service', () => {
    const tagged = readResources('main').filter(
      ({ tags }) => isObject(tags) && tags['azd-service-name'] === Object.keys(azureYaml.services)[0],
    );
    expect(tagged.map(({ type }) => type)).toEqual(['Microsoft.Web/sites']);
  });

  it('is told that the location is one', () => {
    expect(readTemplate()).toMatchObject({
      parameters: { location: { metadata: { azd: { type: 'location' } } } },
    });
  });
});
