import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Mutant, MUTANT_VARIABLE } from './mutant.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Whether the tests of the mutant's folder fail; a mutant that never ends is noticed by its time. */
export type Verdict = 'survived' | 'noticed' | 'timed out';

/** Runs the unit tests in `testFolder`; without a mutant against the source as it is. */
export async function runMutant(
  mutant: Mutant | null,
  { testFolder, timeoutMs }: { readonly testFolder: string; readonly timeoutMs: number },
): Promise<Verdict> {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const config = path.join(import.meta.dirname, 'vitest.config.ts');
  const changed = mutant === null ? {} : { [MUTANT_VARIABLE]: JSON.stringify(mutant) };
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, testFolder], {
    cwd: root,
    env: { ...process.env, ...changed },
    stdio: 'ignore',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === null) resolve('timed out');
      else resolve(code === 0 ? 'survived' : 'noticed');
    });
  });
}
