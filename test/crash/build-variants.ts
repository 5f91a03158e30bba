import { copyFile, readFile, writeFile } from 'node:fs/promises';
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

const SOURCE = path.join(APP_ROOT, 'src') + path.sep;

/**
 * Builds the product once for each replacement, with that module replaced. Resolves to their app roots, in
 * this order. All at once, since the packages are then read, and written, and compiled by V8, once for all.
 */
export async function buildVariants(replacements: readonly Replacement[], folder: string): Promise<string[]> {
  const variants = replacements.map((replacement, index) => ({ replacement, name: `variant-${index}` }));
  await bundleFunctions(Object.fromEntries(variants.map(({ name }) => [`${name}/main`, name])), folder, {
    plugins: variants.map(({ name, replacement }) => replace(name, replacement)),
    sourcemap: false, // a quarter of the time
  });
  // For the files that variants share: without it Node reads each twice, to find out what it is.
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  return Promise.all(
    variants.map(async ({ name }) => {
      const appRoot = path.join(folder, name);
      await Promise.all([
        copyFile(path.join(APP_ROOT, 'host.json'), path.join(appRoot, 'host.json')),
        writeFile(path.join(appRoot, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' })),
      ]);
      return appRoot;
    }),
  );
}

/**
 * The modules of one variant: a namespace of its own for what is not a package. The module is replaced for
 * importers in `src` only: the broken module may itself import the sound one.
 */
function replace(namespace: string, { module, andModule = module, by }: Replacement): Plugin {
  const replaced = new Set([module, andModule].map((one) => path.join(APP_ROOT, one)));
  const broken = path.join(import.meta.dirname, 'broken', by);
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${namespace}$`) }, () => ({
        path: path.join(SOURCE, 'main.ts'),
        namespace,
      }));
      build.onResolve({ filter: /^\..*\.ts$/, namespace }, ({ path: specifier, importer, resolveDir }) => {
        const wanted = path.resolve(resolveDir, specifier);
        const isReplaced = importer.startsWith(SOURCE) && replaced.has(wanted);
        return { path: isReplaced ? broken : wanted, namespace };
      });
      build.onLoad({ filter: /./, namespace }, async ({ path: file }) => ({
        contents: await readFile(file, 'utf8'),
        loader: 'ts',
        resolveDir: path.dirname(file),
      }));
    },
  };
}
