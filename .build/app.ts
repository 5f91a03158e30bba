import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = path.dirname(import.meta.dirname);

/** Bundles the app into the one file that is deployed, tested and started. The tests have plugins, to break it. */
export async function buildApp(folder: string, plugins: Plugin[] = []): Promise<void> {
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
    plugins,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
