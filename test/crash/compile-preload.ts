import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `preload.ts`, so that no instance has to compile it. Resolves to its URL. */
export async function compilePreload(folder: string): Promise<string> {
  const outfile = path.join(folder, 'preload.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('preload.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  return pathToFileURL(outfile).href;
}
