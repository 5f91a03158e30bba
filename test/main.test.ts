import path from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { APP_ROOT } from './stack/stack.ts';

/** The packages that an app loads when it starts: not those behind an `import()`. */
async function packagesAtStart(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [path.join(APP_ROOT, 'src/main.ts')],
    absWorkingDir: APP_ROOT,
    outdir: '/',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true, // what stands behind an `import()` goes into files of its own
    packages: 'external',
    platform: 'node',
    format: 'esm',
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path: imported, kind, external } of outputs.get(file)?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      if (external === true) packages.add(imported);
      else visit(imported);
    }
  };
  visit([...outputs].find(([, { entryPoint }]) => entryPoint === 'src/main.ts')?.[0] ?? '');
  return [...packages].filter((name) => !name.startsWith('node:')).toSorted();
}

it('loads only what a first rename needs before it', async () => {
  expect(await packagesAtStart()).toEqual([
    '@azure/core-rest-pipeline',
    '@azure/data-tables',
    '@azure/functions',
    '@azure/identity',
    '@azure/keyvault-secrets',
    'content-type',
    'jose',
    'jsonc-parser',
    'negotiator',
    'saxes',
    'undici/lib/dispatcher/agent.js',
  ]);
});
