import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGraph, type SimulatedGraph } from '../stack/graph.ts';
import { APP_ROOT } from '../stack/stack.ts';

const run = promisify(execFile);
const TOKEN = 'token-of-the-operator';

let far: SimulatedGraph;
beforeEach(async () => {
  far = await startGraph({ token: TOKEN });
  return () => far.stop();
});
const apiOf = () => far.applications.find(({ uniqueName }) => uniqueName === 'renames');

describe('npm run register-entra', () => {
  let bin: string;
  beforeEach(async () => {
    // The Azure CLI's part: a token for whom the operator has logged in as.
    bin = await mkdtemp(path.join(tmpdir(), 'az-'));
    const answer = {
      accessToken: TOKEN,
      expiresOn: '2099-01-01 00:00:00.000000',
      expires_on: 4070908800,
      tokenType: 'Bearer',
    };
    await writeFile(path.join(bin, 'az'), `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    await chmod(path.join(bin, 'az'), 0o755);
  });
  afterEach(() => rm(bin, { recursive: true }));

  const register = async (...options: string[]): Promise<{ code: number; says: string }> => {
    const script = path.join(APP_ROOT, 'infra/scripts/register-entra.ts');
    try {
      const { stdout } = await run(process.execPath, [script, '--graph', far.origin, ...options], {
        env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` },
      });
      return { code: 0, says: stdout };
    } catch (error) {
      const { code, stderr } = Object(error);
      return { code, says: String(stderr) };
    }
  };

  it('registers with the operator’s own login, and prints what the parameter file needs', async () => {
    const pipeline = far.addPrincipal('ServicePrincipal');
    const { code, says } = await register('--name', 'renames', '--caller', `${pipeline}=rename`);
    expect({ code, says }).toMatchObject({ code: 0 });
    expect(says).toContain(`audience: '${String(apiOf()?.['appId'])}'`);
    expect(says).toContain(`entra:${pipeline}`);
    expect(says).not.toContain('param console');
    expect((await register('--name', 'renames', '--caller', `${pipeline}=rename`)).says).toContain(
      'Everything was there.',
    );
  }, 60_000);

  it('prints the client of the console as the parameter file takes it', async () => {
    const uri = 'https://renames.example/console';
    const { says } = await register('--name', 'renames', '--console', uri);
    const [, clientId] = /^param console = \{ state: 'on', clientId: '([^']*)' \}$/m.exec(says) ?? [];
    const client = far.applications.find(({ appId }) => appId === clientId);
    expect(client).toMatchObject({ spa: { redirectUris: [uri] } });
  }, 60_000);

  it('names every option that is wrong', async () => {
    const { code, says } = await register('--name', 'X', '--caller', 'bob=rename', '--console', 'http://app');
    expect(code).toBe(2);
    for (const fault of ['--name must have', '--caller bob=rename', '--console must begin'])
      expect(says).toContain(fault);
    expect(far.journal).toEqual([]);
  });
});
