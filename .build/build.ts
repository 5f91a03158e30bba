import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
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
await removeOldParts();
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
    const move = (file: string) => rename(path.join(folder, file), path.join(outDir, file));
    await Promise.all(files.filter((file) => file !== 'main.js').map(move));
    if (files.includes('main.js')) await move('main.js'); // last: it names its parts
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An app that still runs of an earlier build may load its parts later: they stay for a day. */
async function removeOldParts(): Promise<void> {
  const builtAtMs = (await stat(path.join(outDir, 'main.js'))).mtimeMs;
  for (const file of (await readdir(outDir)).filter((name) => /^main-[\w-]+\.js(?:\.map)?$/.test(name))) {
    const { mtimeMs } = await stat(path.join(outDir, file));
    if (builtAtMs - mtimeMs > 86_400_000) await rm(path.join(outDir, file));
  }
}
