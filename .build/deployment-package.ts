import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/**
 * Of every file, so that the same sources make the same bytes. It is the earliest that a zip file knows, the
 * same in each time zone.
 */
const WRITTEN_AT = new Date(0);

/**
 * Writes what is deployed to `package/` in the given folder, and the same as `package.zip`: the host's
 * settings, the bundle, the console page in both forms, and the little of package.json that the worker reads.
 * The bundle holds all its dependencies, so there is no node_modules and nothing to install or build in the
 * cloud. Its source map stays behind: it is larger than the bundle, and the worker does not read it.
 */
export async function writeDeploymentPackage(root: string, outDir: string): Promise<void> {
  const files = new Map([
    ['host.json', await readFile(path.join(root, 'host.json'))],
    ['package.json', await deployedManifest(root)],
    ...(await readBundle(path.join(root, 'dist'))),
    ['dist/console.json', await readFile(path.join(root, 'dist/console.json'))],
    ['dist/console-entra.json', await readFile(path.join(root, 'dist/console-entra.json'))],
  ]);
  const folder = path.join(outDir, 'package');
  await rm(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  await writeZip(files, path.join(outDir, 'package.zip'));
}

/**
 * `main.js` and the parts that it loads, directly or through one another: the folder has those of other builds.
 */
async function readBundle(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const names = new Set(['main.js']);
  for (const name of names) {
    const content = await readFile(path.join(folder, name));
    files.set(`dist/${name}`, content);
    for (const [, part = ''] of content.toString().matchAll(/"\.\/(main-[\w-]+\.js)"/g)) names.add(part);
  }
  return files;
}

/** Scripts and dependencies would only have a build in the cloud run and install them. */
async function deployedManifest(root: string): Promise<Buffer> {
  const manifest: unknown = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return Buffer.from(`${JSON.stringify(manifest, ['name', 'version', 'private', 'type', 'main'], 2)}\n`);
}

async function writeZip(files: ReadonlyMap<string, Buffer>, file: string): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of files) {
    zip.addBuffer(content, name, { mtime: WRITTEN_AT, forceDosTimestamp: true });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}
