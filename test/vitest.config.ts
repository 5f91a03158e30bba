import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

export default defineConfig({
  root: path.dirname(import.meta.dirname),
  cacheDir: 'node_modules/.vite',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/share-parts.ts'],
    setupFiles: ['test/use-shared-parts.ts', 'test/openapi/hold-answers-to-contract.ts'],
    // For a busy machine: what is bounded in time has a bound in its test.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    // More than the two cores: most files wait for deadlines and leases.
    maxWorkers: 6,
    // Files have stacks and accounts of their own, and no state in modules. A process for each would take as long
    // to start as many of them run.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
