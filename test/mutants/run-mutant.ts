import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type Mutant, MUTANT_VARIABLE } from './mutant.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Whether the tests fail. One that ran out of time may never end, or the machine may be busy. */
export type Verdict = 'survived' | 'noticed' | 'timed out';

/** Runs the unit tests in `testFolder`; without a mutant against the source as it is. */
export async function runMutant(
  mutant: Mutant | null,
  { testFolder, timeoutMs }: { readonly testFolder: string; readonly timeoutMs: number },
): Promise<{ readonly verdict: Verdict; readonly output: string }> {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const config = path.join(import.meta.dirname, 'vitest.config.ts');
  const changed = mutant === null ? {} : { [MUTANT_VARIABLE]: JSON.stringify(mutant) };
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, testFolder], {
    cwd: root,
    // Far from UTC, where a time that is taken for local shows: a thread cannot choose its own zone.
    env: { ...process.env, TZ: 'Asia/Tokyo', ...changed },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const [code, ...outputs] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const output = outputs.join('');
  if (code === null) return { verdict: 'timed out', output };
  return { verdict: code === 0 ? 'survived' : 'noticed', output };
}
