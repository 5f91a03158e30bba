import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const root = path.dirname(import.meta.dirname);

/** Bundles the app into the files that are deployed, tested and started. */
export async function buildApp(folder: string): Promise<void> {
  await bundleFunctions({ main: path.join(root, 'src/main.ts') }, folder);
}

/**
 * Bundles entry points of functions, by the names of their files: ours, also broken for a test, and those that
 * the benchmark compares it with. What stands behind an `import()` goes into files of its own: V8 reads all of a
 * file before any of it runs, which took a fifteenth of a cold start's CPU time for parts that few starts
 * need.
 */
export async function bundleFunctions(
  entryPoints: Record<string, string>,
  folder: string,
  options: BuildOptions = {},
): Promise<void> {
  await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: 'main-[name]-[hash]',
    // Not the identifiers: errors are told apart, and logged, by their names. `keepNames` would give these
    // back whenever a function is made, which took a twentieth of a rename's CPU time.
    minifySyntax: true,
    minifyWhitespace: true,
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
    ...options,
  });
}
