import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { validateWorkflow } from '@action-validator/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { APP_ROOT } from '../stack/stack.ts';

const run = promisify(execFile);
const WORKFLOWS = path.join(APP_ROOT, '.github/workflows');
const read = (file: string): string => readFileSync(path.join(APP_ROOT, file), 'utf8');
const workflows = readdirSync(WORKFLOWS).map((file) => ({ file, text: read(`.github/workflows/${file}`) }));
const pipeline = read('infra/azure-pipelines.yml');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));

/** The value of each property of a name, wherever it is in a document. */
function valuesOf(document: unknown, name: string): string[] {
  if (Array.isArray(document)) return document.flatMap((inner) => valuesOf(inner, name));
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) =>
    key === name && typeof value === 'string' ? [value] : valuesOf(value, name),
  );
}
const commandsOf = (text: string): string[] =>
  ['run', 'script', 'inlineScript'].flatMap((name) => valuesOf(parse(text), name));

describe('the workflows', () => {
  it.each(workflows)('are as GitHub’s schema has them: $file', ({ text }) => {
    expect(validateWorkflow(text)).toMatchObject({ errors: [] });
    expect(validateWorkflow(text.replace('runs-on', 'run-on'))).not.toMatchObject({ errors: [] });
  });

  it.each(workflows)('use actions that cannot be changed afterwards: $file', ({ text }) => {
    const actions = valuesOf(parse(text), 'uses');
    expect(actions).not.toEqual([]);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it.each(workflows)('hold no secret, and may do no more than they say: $file', ({ text }) => {
    expect(text).not.toMatch(/secrets\.|client-secret|creds:/);
    expect(parse(text)).toMatchObject({ permissions: { contents: 'read' } });
  });

  it('ask what a pull request would change, and deploy nothing of it', () => {
    const { text = '' } = workflows.find(({ file }) => file === 'test.yml') ?? {};
    expect(commandsOf(text).join('\n')).toContain('az deployment group what-if');
    expect(commandsOf(text).join('\n')).not.toContain('az deployment group create');
    expect(text).toContain('head.repo.full_name == github.repository');
  });
});

describe('every pipeline', () => {
  const all = [...workflows, { file: 'azure-pipelines.yml', text: pipeline }];

  it.each(all)('runs commands that a person can run: $file', ({ text }) => {
    for (const command of commandsOf(text)) {
      for (const [, script = ''] of command.matchAll(/npm run ([\w-]+)/g))
        expect(scripts).toHaveProperty(script);
      for (const [, file = ''] of command.matchAll(/(?:^|\s)((?:\.ci|infra)\/[\w./-]+)(?=\s|$)/g))
        expect({ file, exists: existsSync(path.join(APP_ROOT, file)) }).toEqual({ file, exists: true });
    }
  });

  it.each(all.filter(({ file }) => file !== 'test.yml'))(
    'checks before it deploys, and deploys the package last: $file',
    ({ text }) => {
      const commands = commandsOf(text).join('\n');
      const steps = [
        'npm run package',
        'npm run preflight',
        'az deployment group create',
        'infra/scripts/deploy-package.sh',
      ];
      const places = steps.map((step) => commands.lastIndexOf(step));
      expect(places).toEqual(places.toSorted((one, other) => one - other));
      expect(places.every((place) => place >= 0)).toBe(true);
    },
  );

  it.each(all)('has the compiler that the tests have: $file', ({ text }) => {
    const [, version] = /^version=(\S+)$/m.exec(read('.ci/bicep')) ?? [];
    for (const [, found] of text.matchAll(/(?:--version |value: )v(\d+\.\d+\.\d+)/g))
      expect(found).toBe(version);
  });

  it('is the same with Azure DevOps, by service connections without a secret', () => {
    expect(pipeline).not.toMatch(/secret:|servicePrincipalKey|addSpnToEnvironment/i);
    expect(valuesOf(parse(pipeline), 'azureSubscription')).toEqual(['what-if', 'deploy']);
    expect(commandsOf(pipeline).join('\n')).toContain('az deployment group what-if');
  });
});

describe('deploy-package.sh', () => {
  it('is a script that the shell can read', async () => {
    await expect(
      run('bash', ['-n', path.join(APP_ROOT, 'infra/scripts/deploy-package.sh')]),
    ).resolves.toBeDefined();
  });
});
