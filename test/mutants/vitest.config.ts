import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { MUTANT_VARIABLE, mutate, parseMutant } from './mutant.ts';

const root = path.resolve(import.meta.dirname, '../..');
const mutant = parseMutant(process.env[MUTANT_VARIABLE]);
const isMutated = (id: string) => mutant !== null && id === path.join(root, mutant.file);

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
    silent: true,
  },
});
