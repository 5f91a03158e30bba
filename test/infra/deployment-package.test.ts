import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPromise } from 'yauzl';
import { writeDeploymentPackage } from '../../.build/deployment-package.ts';
import { APP_ROOT, startStack, type Stack } from '../stack/stack.ts';

const MEBIBYTE = 1024 * 1024;

let outDir: string;
let stack: Stack;
beforeAll(async () => {
  outDir = await mkdtemp(path.join(tmpdir(), 'package-'));
  await writeDeploymentPackage(APP_ROOT, outDir);
  stack = await startStack();
});
afterAll(async () => {
  await stack.stop();
  await rm(outDir, { recursive: true });
});

const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => path.relative(folder, path.join(file.parentPath, file.name))).toSorted();
};

async function unpack(zipFile: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  const zip = await openPromise(zipFile);
  for await (const entry of zip.eachEntry()) {
    const file = path.join(folder, entry.fileName);
    await mkdir(path.dirname(file), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file));
    names.push(entry.fileName);
  }
  return names;
}

it('holds what the runtime needs and nothing else, in far less than 2 MB', async () => {
  const zip = path.join(outDir, 'package.zip');
  const names = await unpack(zip, path.join(outDir, 'listed'));
  const others = names.filter((name) => !/^dist\/main-[\w-]+\.js$/.test(name));
  expect(others.toSorted()).toEqual([
    'dist/console-entra.json',
    'dist/console.json',
    'dist/main.js',
    'host.json',
    'package.json',
  ]);
  const { size } = await stat(zip);
  console.log(`the package has ${size} bytes`);
  expect(size).toBeLessThan(MEBIBYTE);

  const manifest: unknown = JSON.parse(await readFile(path.join(outDir, 'listed/package.json'), 'utf8'));
  expect(manifest).toEqual({
    name: 'custom-vision-rename-proxy',
    version: expect.any(String),
    private: true,
    type: 'module',
    main: 'dist/main.js',
  });
});

it('is the same as a folder, for tools that make the zip file by themselves', async () => {
  const [zipped, folder] = [path.join(outDir, 'zipped'), path.join(outDir, 'package')];
  await unpack(path.join(outDir, 'package.zip'), zipped);
  expect(await filesOf(folder)).toEqual(await filesOf(zipped));
  for (const file of await filesOf(folder)) {
    expect(await readFile(path.join(folder, file))).toEqual(await readFile(path.join(zipped, file)));
  }
});

it('has the same bytes each time', async () => {
  const again = path.join(outDir, 'again');
  await mkdir(again);
  await writeDeploymentPackage(APP_ROOT, again);
  const [first, second] = [outDir, again].map((folder) => path.join(folder, 'package.zip'));
  expect(await readFile(second ?? '')).toEqual(await readFile(first ?? ''));
});

it('starts from an empty folder, and renames', async () => {
  const appRoot = await mkdtemp(path.join(tmpdir(), 'wwwroot-'));
  try {
    await unpack(path.join(outDir, 'package.zip'), appRoot);
    const sources = { events: { scheme: 'cloud-events', rename: 'data' } };
    const app = await stack.startApp({ appRoot, settings: { WEBHOOK_SOURCES: JSON.stringify(sources) } });
    expect(app.functions).toEqual(
      expect.arrayContaining(['rename-iteration', 'sweep-renames', 'carry-out-rename']),
    );

    const { id: projectId, iterations } = stack.sample;
    const iteration = `/customvision/v3.4-preview/training/projects/${projectId}/iterations/${iterations[0].id}`;
    const response = await fetch(`${app.url}${iteration}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-functions-key': app.functionKey },
      body: '{"name":"from the package"}',
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { id: iterations[0].id, name: 'from the package' },
    });
    expect((await fetch(`${app.url}/console`)).status).toBe(200);
    await app.stop();
  } finally {
    await rm(appRoot, { recursive: true });
  }
});
