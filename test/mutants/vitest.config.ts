import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { MUTANT_VARIABLE, mutate, parseMutant } from './mutant.ts';

const root = path.resolve(import.meta.dirname, '../..');
const mutant = parseMutant(process.env[MUTANT_VARIABLE]);
const isMutated = (id: string) => mutant !== null && id === path.join(root, mutant.file);

/** They take most of the time: simulations of hours, and servers. */
const SLOW = /\/(?:sweep-scale|entra.*|fetch-key-set|name-pattern)\.test\.ts$/;

/** Most changes are noticed soon: by the test of the changed file, or by a quick one of its folder. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const own = path.join(root, mutant?.file.replace(/^src/, 'test') ?? '');
    const rank = ({ moduleId }: TestSpecification) => {
      if (SLOW.test(moduleId)) return 3;
      if (moduleId === own.replace(/\.ts$/, '.test.ts')) return 0;
      return path.dirname(moduleId) === path.dirname(own) ? 1 : 2;
    };
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

// The unit tests alone, against source of which one place may be changed while it is loaded.
export default defineConfig({
  root,
  cacheDir: 'node_modules/.vite',
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (source, id) => (mutant !== null && isMutated(id) ? mutate(source, mutant) : undefined),
      // Vitest keeps what it transforms, by its source: one mutant would be taken for another.
      configureVitest: ({ defineCacheKeyGenerator }) =>
        defineCacheKeyGenerator(({ id }) => (isMutated(id) ? false : undefined)),
    },
  ],
  test: {
    include: ['test/rename/**/*.test.ts', 'test/callers/*.test.ts'],
    // These start the whole app, of which `dist` holds a bundle without the change.
    exclude: ['test/callers/{attacks,key-attacks,entra-issuer-calls}.test.ts'],
    // In the process itself: a mutant that never ends is ended with it.
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    bail: 1,
    // A busy machine is not a test that notices.
    retry: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
    silent: true,
  },
});
