import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.dirname(import.meta.dirname),
  cacheDir: 'node_modules/.vite',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/share-parts.ts'],
    setupFiles: ['test/use-shared-parts.ts', 'test/openapi/hold-answers-to-contract.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two cores, and most files start real servers.
    maxWorkers: 2,
  },
});
