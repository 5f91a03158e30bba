import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { buildValidators } from './validators.ts';

const root = path.dirname(import.meta.dirname);
const outDir = path.join(root, 'dist');

/** Bundles the app into the one file that is deployed, tested and started. */
await rm(outDir, { recursive: true, force: true });
await mkdir(outDir, { recursive: true });
await buildValidators(outDir);
await build({
  entryPoints: [path.join(root, 'src/main.ts')],
  outfile: path.join(outDir, 'main.js'),
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
