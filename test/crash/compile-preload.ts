import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `kill-at-step.ts`, so that no instance has to compile it. Resolves to its URL. */
export async function compilePreload(folder: string): Promise<string> {
  const outfile = path.join(folder, 'kill-at-step.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('kill-at-step.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  return pathToFileURL(outfile).href;
}
