import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBenchStack } from './bench-stack.ts';
import { compareBursts } from './burst.ts';
import { compareColdStarts } from './cold-start.ts';
import { compareRuns, parseRun } from './compare-runs.ts';
import { countRequests } from './count-requests.ts';
import { measureFirstPaint } from './first-paint.ts';
import { compareHistories } from './history.ts';
import type { Line } from './line.ts';
import { compareLookUps } from './look-ups.ts';
import { watchMemory } from './memory.ts';
import { printLines, printRuns } from './print-lines.ts';
import { compareRenames } from './renames.ts';
import { measureSweep } from './sweep.ts';

const PARTS = [
  'renames',
  'requests',
  'cold-start',
  'burst',
  'sweep',
  'history',
  'look-ups',
  'console',
  'memory',
] as const;

const USAGE = `npm run bench -- [options]

Compares this product with what people would use instead, on this machine, in one run of at most 10 minutes.

  --only PARTS    of: ${PARTS.join(', ')} (comma-separated; all by default)
  --compare FILE  says for each ratio whether it has changed since the run that wrote FILE
  --runs FILES    measures nothing: prints the medians of these runs (comma-separated), with their spread
  --beside DIR    takes the build in another checkout into the same run: surer than --compare
  --starts N      starts of the apps for the renames (3)
  --blocks N      blocks of renames after each start (5)
  --rounds N      cold starts (12)
  --bursts N      bursts (10)
  --pages N       pages of a history, and of the console (20)
  --renames N     renames of the memory part (10000)
  --out FILE      the figures as JSON (dist/bench.json)`;

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    compare: { type: 'string' },
    runs: { type: 'string' },
    beside: { type: 'string' },
    starts: { type: 'string', default: '3' },
    blocks: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '12' },
    bursts: { type: 'string', default: '10' },
    pages: { type: 'string', default: '20' },
    renames: { type: 'string', default: '10000' },
    out: { type: 'string', default: 'dist/bench.json' },
    help: { type: 'boolean', default: false },
  },
});

if (args.help) {
  console.log(USAGE);
  process.exit();
}
const read = async (file: string) => parseRun(await readFile(file, 'utf8'));
if (args.runs !== undefined) {
  console.log(printRuns(await Promise.all(args.runs.split(',').map(read))));
  process.exit();
}
const earlier = args.compare === undefined ? null : await read(args.compare);
const wanted = args.only.split(',');
const unknown = wanted.filter((part) => !PARTS.some((known) => known === part));
if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}\n\n${USAGE}`);

const startedMs = performance.now();
const loadBefore = loadavg();
const bench = await startBenchStack({
  beside: args.beside === undefined ? null : path.resolve(args.beside),
});
const beside = args.beside !== undefined;
const run: Record<(typeof PARTS)[number], () => Promise<Line[]>> = {
  renames: () => compareRenames(bench, { starts: Number(args.starts), blocks: Number(args.blocks), beside }),
  requests: () => countRequests(bench),
  'cold-start': () => compareColdStarts(bench, { rounds: Number(args.rounds), beside }),
  burst: () => compareBursts(bench, { bursts: Number(args.bursts) }),
  sweep: () => measureSweep(bench),
  history: () => compareHistories(bench, { pages: Number(args.pages) }),
  'look-ups': () => compareLookUps(bench, { blocks: 2 * Number(args.blocks) }),
  console: () => measureFirstPaint(bench, { pages: Number(args.pages) }),
  memory: () => watchMemory(bench, Number(args.renames)),
};
const lines: Line[] = [];
try {
  for (const part of PARTS) {
    if (!wanted.includes(part)) continue;
    console.error(`${seconds()} s: ${part}`);
    lines.push(...(await run[part]()));
  }
} finally {
  await bench.stop();
}

console.log(printLines(lines, earlier === null ? null : compareRuns({ lines }, earlier)));
const machine = { node: process.version, cores: availableParallelism(), loadBefore, loadAfter: loadavg() };
await mkdir(path.dirname(args.out), { recursive: true });
await writeFile(args.out, `${JSON.stringify({ ...machine, seconds: seconds(), lines })}\n`);
console.error(`${seconds()} s: done. The figures as JSON: ${args.out}`);
process.exit();

function seconds(): number {
  return Math.round((performance.now() - startedMs) / 1000);
}
