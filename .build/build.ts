import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { buildEvaluator } from './evaluator.ts';
import { buildValidators } from './validators.ts';

const root = path.dirname(import.meta.dirname);
const outDir = path.join(root, 'dist');

// What the bundle imports of these is resolved in `dist` itself, so they take their place first.
await mkdir(outDir, { recursive: true });
await inOneStep(buildValidators);
await inOneStep(buildEvaluator);
await inOneStep(buildApp);

/** Bundles the app into the one file that is deployed, tested and started. */
async function buildApp(folder: string): Promise<void> {
  await build({
    entryPoints: [path.join(root, 'src/main.ts')],
    outfile: path.join(folder, 'main.js'),
    bundle: true,
    minify: true,
    keepNames: true, // errors are told apart, and logged, by their names
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'], // the UMD build of jsonc-parser hides its own imports from a bundler
    // It exists only inside the Functions worker.
    external: ['@azure/functions-core'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

/** Writes the files elsewhere, then moves each to its place: an app that starts meanwhile finds the old file or the new one, never half of it. */
async function inOneStep(write: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(outDir, '.building-'));
  try {
    await write(folder);
    const files = await readdir(folder);
    await Promise.all(files.map((file) => rename(path.join(folder, file), path.join(outDir, file))));
  } finally {
    await rm(folder, { recursive: true });
  }
}
