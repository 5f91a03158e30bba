import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../random.ts';
import { findMutants } from './find-mutants.ts';
import { type Mutant, mutate } from './mutant.ts';
import { runMutant } from './run-mutant.ts';

// `npm run mutants -- [--count N] [--seed N] [--folder src/rename]`: changes one place of the source at a time, and
// lists the changes that no unit test notices.

/** Each with the folder of the tests that are to notice. */
const TEST_FOLDERS = new Map([
  ['src/rename', 'test/rename'],
  ['src/callers', 'test/callers'],
]);
const AT_ONCE = 2;
const CONTROL_EVERY = 10;
/** Of 100. */
const MOST_SURVIVORS = 5;

const { values: args } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    folder: { type: 'string', multiple: true, default: [...TEST_FOLDERS.keys()] },
  },
});

process.chdir(path.resolve(import.meta.dirname, '../..'));
const startedMs = performance.now();
const all = args.folder.flatMap((folder) => {
  const testFolder = testsOf(folder);
  return globSync(`${folder}/**/*.ts`)
    .toSorted()
    .flatMap((file) => findMutants(file, readFileSync(file, 'utf8')))
    .map((mutant) => ({ mutant, testFolder }));
});
const chosen = createRandom(Number(args.seed)).shuffled(all).slice(0, Number(args.count));

let longestMs = 0;
for (const testFolder of new Set(chosen.map((one) => one.testFolder))) {
  const beganMs = performance.now();
  const { verdict, output } = await runMutant(null, { testFolder, timeoutMs: 300_000 });
  if (verdict !== 'survived') throw new Error(`${testFolder}, without any change: ${verdict}\n${output}`);
  longestMs = Math.max(longestMs, performance.now() - beganMs);
}

const timeoutMs = 30_000 + Math.ceil(4 * longestMs);
const waiting = chosen.entries();
const survivors: Mutant[] = [];
const outOfTime: Mutant[] = [];
let controls = 0;
let failedControls = 0;
const workers = Array.from({ length: AT_ONCE }, async () => {
  for (const [index, { mutant, testFolder }] of waiting) {
    if (index % CONTROL_EVERY === 0) await runControl(testFolder);
    const { verdict } = await runMutant(mutant, { testFolder, timeoutMs });
    if (verdict === 'noticed') continue;
    (verdict === 'survived' ? survivors : outOfTime).push(mutant);
    process.stdout.write(`${verdict}: ${describe(mutant)}\n`);
  }
});
await Promise.all(workers);

const seconds = Math.round((performance.now() - startedMs) / 1000);
process.stdout.write(
  `seed ${args.seed}: ${survivors.length} of ${chosen.length} mutants survive (${all.length} in all); ` +
    `${outOfTime.length} ran out of time; ` +
    `${failedControls} of ${controls} runs without any change failed; ${seconds} s\n`,
);
const isWithinBounds = survivors.length <= (MOST_SURVIVORS * chosen.length) / 100;
process.exitCode = isWithinBounds && failedControls === 0 ? 0 : 1;

/** Tests that fail without any change would count mutants as noticed that are not. */
async function runControl(testFolder: string): Promise<void> {
  controls += 1;
  const { verdict, output } = await runMutant(null, { testFolder, timeoutMs });
  if (verdict === 'survived') return;
  failedControls += 1;
  process.stdout.write(`${testFolder}, without any change: ${verdict}\n${output}\n`);
}

function testsOf(folder: string): string {
  for (const [source, tests] of TEST_FOLDERS) if (folder.startsWith(source)) return tests;
  throw new Error(`--folder is below one of: ${[...TEST_FOLDERS.keys()].join(', ')}`);
}

function describe(mutant: Mutant): string {
  const source = readFileSync(mutant.file, 'utf8');
  const line = source.slice(0, mutant.start).split('\n').length;
  const lineOf = (text: string) => text.split('\n')[line - 1]?.trim();
  return `${mutant.file}:${line}\n  - ${lineOf(source)}\n  + ${lineOf(mutate(source, mutant))}`;
}
