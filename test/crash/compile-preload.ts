import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `die-at-step.ts`, as the host is, so that no instance has to. Resolves to its address. */
export async function compilePreload(folder: string): Promise<string> {
  const outfile = path.join(folder, 'die-at-step.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('die-at-step.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  return pathToFileURL(outfile).href;
}
