import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

/** What is loaded into an instance before the app. */
const PRELOADS = ['../stack/shift-clock.ts', './kill-at-step.ts'];

/** Bundles the preloads, so that no instance has to compile them. Resolves to the arguments of Node. */
export async function compilePreloads(folder: string): Promise<string[]> {
  await build({
    entryPoints: PRELOADS.map((preload) => fileURLToPath(new URL(preload, import.meta.url))),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  return PRELOADS.flatMap((preload) => [
    '--import',
    pathToFileURL(path.join(folder, `${path.parse(preload).name}.mjs`)).href,
  ]);
}
