import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRETS, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

// Clients and senders that we did not write, each as a process of its own.

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '../..');
const STRICT =
  '--ignoreConfig --noEmit --strict --target es2024 --module nodenext --types node --allowImportingTsExtensions --skipLibCheck'.split(
    ' ',
  );
const GENERATORS = path.join(import.meta.dirname, 'generators');

let proxy: WebhookProxy;
let folder = '';
beforeAll(async () => {
  proxy = await startWebhookProxy();
  // Inside the repository, where the packages are found.
  await mkdir(path.join(ROOT, 'dist'), { recursive: true });
  folder = await mkdtemp(path.join(ROOT, 'dist/.clients-'));
  for (const programs of ['programs', 'of-description'])
    await cp(path.join(import.meta.dirname, programs), folder, { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await proxy.stop();
});

interface Started {
  program: string;
  secret?: string;
  mode?: string;
}

/** Runs a client on a new iteration, and gives what it printed and the name that the iteration has then. */
async function start({ program, secret = '', mode = '' }: Started) {
  const { projectId, iterationId } = proxy.seed();
  const env = {
    PROXY: proxy.app.url,
    FUNCTION_KEY: proxy.app.functionKey,
    SECRET: secret,
    MODE: mode,
    PROJECT: projectId,
    ITERATION: iterationId,
    NAME: `by ${program} ✓`,
  };
  const { stdout } = await run(process.execPath, [path.join(folder, program)], { env });
  return {
    said: stdout.trim(),
    nameNow: () => proxy.stack.customVision.iteration(projectId, iterationId)?.name,
  };
}

it('the JavaScript SDK renames', async () => {
  const { said, nameNow } = await start({ program: 'javascript-sdk.ts' });
  expect(said).toBe('200 by javascript-sdk.ts ✓');
  expect(nameNow()).toBe('by javascript-sdk.ts ✓');
});

describe('a delivery signed by', () => {
  it.each([
    { case: 'octokit', program: 'octokit-delivery.ts', secret: SECRETS.github },
    { case: 'svix', program: 'svix-delivery.ts', secret: SECRETS.standard },
    { case: 'standardwebhooks', program: 'standard-delivery.ts', secret: SECRETS.standard },
  ])('$case renames', async ({ program, secret }) => {
    const { said, nameNow } = await start({ program, secret });
    expect(said).toBe('202');
    await expect.poll(nameNow, { timeout: 10_000 }).toBe(`by ${program} ✓`);
  });
});

describe('the emitter of the CloudEvents SDK', () => {
  const program = 'cloud-events-emitter.ts';

  it.each(['binary', 'structured'])('renames in %s mode, with a length', async (mode) => {
    const { said, nameNow } = await start({ program, mode });
    expect(said).toContain('202');
    await expect.poll(nameNow, { timeout: 10_000 }).toBe(`by ${program} ✓`);
  });

  it.each(['binary', 'structured'])('is told the way out in %s mode, in chunks', async (mode) => {
    const { said, nameNow } = await start({ program, mode: `${mode} chunked` });
    expect(said).toContain('Content-Length');
    expect(nameNow()).toBe('Iteration 1');
  });
});

describe('a client generated of the description', () => {
  it.each(['3.1', '3.0'])(
    'by openapi-typescript has sound types, and renames: %s',
    async (version) => {
      const types = path.join(folder, 'paths.ts');
      const description = `${proxy.app.url}/openapi.json?version=${version}`;
      await run(path.join(GENERATORS, 'node_modules/.bin/openapi-typescript'), [description, '-o', types]);
      const program = 'openapi-fetch-client.ts';
      await run(path.join(ROOT, 'node_modules/.bin/tsc'), [...STRICT, path.join(folder, program)]);
      expect((await start({ program })).said).toBe(`200 by ${program} ✓`);
    },
    60_000,
  );

  it.each(['3.1', '3.0', '2.0'])(
    'by hey-api renames: %s',
    async (version) => {
      const description = `${proxy.app.url}/openapi.json?version=${version}`;
      const generated = path.join(folder, 'generated');
      const generator = path.join(ROOT, 'node_modules/@hey-api/openapi-ts/dist/run.mjs');
      const older = ['--import', path.join(GENERATORS, 'older-typescript.ts')];
      await run(process.execPath, [...older, generator, '-i', description, '-o', generated], { cwd: folder });
      const program = 'hey-api-client.mjs';
      await build({
        entryPoints: [path.join(folder, 'hey-api-client.ts')],
        outfile: path.join(folder, program),
        bundle: true,
        platform: 'node',
        format: 'esm',
      });
      expect((await start({ program })).said).toBe(`200 by ${program} ✓`);
    },
    60_000,
  );
});
