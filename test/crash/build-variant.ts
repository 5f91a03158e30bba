import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { bundleFunctions } from '../../.build/app.ts';
import { APP_ROOT } from '../stack/stack.ts';

/** A module of the product and the broken module that replaces it. */
export interface Replacement {
  /** From the product's root. */
  readonly module: string;
  /** Another module that it replaces, too. */
  readonly andModule?: string;
  /** From the folder `broken`. */
  readonly by: string;
}

/** Builds the product with one module replaced, into `folder`. Resolves to that folder, an app root. */
export async function buildVariant(replacement: Replacement, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    bundleFunctions(path.join(APP_ROOT, 'src/main.ts'), folder, {
      plugins: [replace(replacement)],
      sourcemap: false, // a quarter of the time
    }),
    copyFile(path.join(APP_ROOT, 'host.json'), path.join(folder, 'host.json')),
    writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' })),
  ]);
  return folder;
}

/** Replaces the module for importers in `src` only: the broken module may itself import the sound one. */
function replace({ module, andModule = module, by }: Replacement): Plugin {
  const source = path.join(APP_ROOT, 'src') + path.sep;
  const replaced = new Set([module, andModule].map((one) => path.join(APP_ROOT, one)));
  return {
    name: 'replace-module',
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, ({ path: specifier, importer, resolveDir }) =>
        importer.startsWith(source) && replaced.has(path.resolve(resolveDir, specifier))
          ? { path: path.join(import.meta.dirname, 'broken', by) }
          : null,
      );
    },
  };
}
