import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildApp } from './app.ts';
import { buildConsole } from './console.ts';
import { buildEvaluator } from './evaluator.ts';
import { buildValidators } from './validators.ts';

const outDir = path.join(path.dirname(import.meta.dirname), 'dist');

// What the bundle imports of these is resolved in `dist` itself, so they take their place first.
await mkdir(outDir, { recursive: true });
await inOneStep(buildValidators);
await inOneStep(buildEvaluator);
// The description imports the app's own modules, and these the validators: it loads when those are there.
const { buildOpenApi } = await import('./openapi.ts');
await inOneStep(buildOpenApi);
await inOneStep(buildApp);
await inOneStep(buildConsole);

/**
 * Writes the files elsewhere, then moves each to its place: an app that starts meanwhile finds the old file
 * or the new one, never half of it.
 */
async function inOneStep(write: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(outDir, '.building-'));
  try {
    await write(folder);
    const files = await readdir(folder);
    await Promise.all(files.map((file) => rename(path.join(folder, file), path.join(outDir, file))));
  } finally {
    await rm(folder, { recursive: true });
  }
}
