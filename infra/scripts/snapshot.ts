import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NOWHERE = '00000000-0000-0000-0000-000000000000';

export interface SnapshotResource {
  readonly type: string;
  readonly name: string;
  readonly properties: { readonly [name: string]: unknown };
}

/** The template refuses the parameters, or is wrong itself; the message is the compiler's. */
export class SnapshotError extends Error {}

/**
 * What the template makes of a parameter file, without any cloud. The compiler writes it beside the file;
 * nothing of it stays there.
 */
export async function takeSnapshot(file: string, location: string): Promise<readonly SnapshotResource[]> {
  const where = ['--subscription-id', NOWHERE, '--tenant-id', NOWHERE, '--resource-group', 'preflight'];
  const written = file.replace(/\.bicepparam$/, '.snapshot.json');
  const before = await readFile(written).catch(() => null);
  try {
    await run(findBicep(), ['snapshot', file, ...where, '--location', location]).catch((error: unknown) => {
      throw new SnapshotError(messageOf(error), { cause: error });
    });
    const { predictedResources }: { predictedResources: SnapshotResource[] } = JSON.parse(
      await readFile(written, 'utf8'),
    );
    return predictedResources.map((resource) => ({ ...resource, properties: resource.properties ?? {} }));
  } finally {
    await (before === null ? rm(written, { force: true }) : writeFile(written, before));
  }
}

/** The compiler that BICEP names, or the one on the PATH, of azd or of the Azure CLI. */
function findBicep(): string {
  const name = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    path.join(homedir(), '.azd', 'bin'),
    path.join(process.env['AZURE_CONFIG_DIR'] ?? path.join(homedir(), '.azure'), 'bin'),
  ];
  const found = [process.env['BICEP'] ?? '', ...folders.map((folder) => path.join(folder, name))].find(
    (file) => file !== '' && existsSync(file),
  );
  if (found === undefined)
    throw new SnapshotError(
      'There is no Bicep compiler. Install one by "az bicep install", or name one in the environment variable BICEP.',
    );
  return found;
}

function messageOf(error: unknown): string {
  const text = (name: 'stdout' | 'stderr'): string =>
    typeof error === 'object' && error !== null && name in error ? String(Reflect.get(error, name)) : '';
  const said = `${text('stdout')}${text('stderr')}`.trim();
  return said === '' && error instanceof Error ? error.message : said;
}
