import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compare, type Line, startCandidates } from './compare-latency.ts';
import { compareColdStarts } from './cold-start.ts';
import { costOfAMillion } from './cost.ts';
import { countRequests } from './count-requests.ts';
import { startBenchStack } from './bench-stack.ts';
import { compareHistories } from './history.ts';
import { watchMemory } from './memory.ts';

const USAGE = `npm run bench -- [options]

Compares this product with what people would use instead, all on this machine, in one run. Compare ratios: times depend on the machine.

  --only NAMES   of: latency, cold-start, memory, history (comma-separated; all by default)
  --rounds N     rounds of each workload (5)
  --count N      sequential renames in a round (150)
  --renames N    renames of the memory run (20000)
  --out FILE     the figures as JSON (dist/bench.json)`;

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: 'latency,cold-start,memory,history' },
    rounds: { type: 'string', default: '5' },
    count: { type: 'string', default: '150' },
    renames: { type: 'string', default: '20000' },
    out: { type: 'string', default: 'dist/bench.json' },
    help: { type: 'boolean', default: false },
  },
});

if (args.help) {
  console.log(USAGE);
  process.exit();
}

const sections = new Set(args.only.split(','));
const rounds = Number(args.rounds);
const count = Number(args.count);
const figures: Record<string, unknown> = { node: process.version };
const bench = await startBenchStack();
try {
  if (sections.has('latency')) {
    const { candidates, stop: stopCandidates } = await startCandidates(bench);
    const product = new Map<string, Line>();
    for (const { delayMs, concurrency, renames } of [
      { delayMs: 0, concurrency: 1, renames: count },
      { delayMs: 80, concurrency: 1, renames: Math.ceil(count / 5) },
      { delayMs: 0, concurrency: 32, renames: count * 4 },
      { delayMs: 80, concurrency: 32, renames: count * 4 },
    ]) {
      await bench.setUpstreamDelay(delayMs);
      const lines = await compare(candidates, { count: renames, concurrency }, rounds);
      const title = `upstream ${delayMs} ms, ${concurrency === 1 ? 'one after the other' : `${concurrency} at once`}`;
      figures[title] = lines;
      printLines(title, lines);
      const [ours] = lines;
      if (ours !== undefined) product.set(`${delayMs}/${concurrency}`, ours);
    }
    await stopCandidates();
    await bench.setUpstreamDelay(0);
    const counted = await countRequests(bench);
    figures['requests per rename'] = counted;
    print('Requests per rename (this product, warm)', counted);
    const [alone, together] = [product.get('80/1'), product.get('80/32')];
    if (alone !== undefined && together !== undefined) {
      const cost = costOfAMillion({ storagePerRename: counted['storage'] ?? Number.NaN, alone, together });
      figures['a million renames'] = cost;
      print('A million renames, in billed units', cost);
    }
  }
  if (sections.has('cold-start')) {
    const coldStarts = await compareColdStarts(bench, rounds * 3);
    figures['cold start'] = coldStarts;
    print('Cold start, medians', coldStarts);
  }
  if (sections.has('memory')) {
    const memory = await watchMemory(bench, Number(args.renames));
    figures['memory'] = memory;
    print(`Memory over ${args.renames} renames`, memory);
  }
  if (sections.has('history')) {
    const history = await compareHistories(bench, rounds * 4);
    figures['history'] = history;
    print('A page of the history', history);
  }
} finally {
  await bench.stop();
}
await mkdir(path.dirname(args.out), { recursive: true });
await writeFile(args.out, `${JSON.stringify(figures, null, 2)}\n`);
console.log(`\nThe figures as JSON: ${args.out}`);
process.exit();

function printLines(title: string, lines: readonly Line[]): void {
  const sdk = lines.find(({ name }) => name.startsWith('official SDK'));
  const floor = lines.find(({ name }) => name.includes('floor with audit'));
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      lines.map(({ name, medianMs, p99Ms, perSecond, cpuMsPerRename }) => [
        name,
        {
          'x SDK': rounded(medianMs / (sdk?.medianMs ?? Number.NaN)),
          'x floor': rounded(medianMs / (floor?.medianMs ?? Number.NaN)),
          'throughput x floor': rounded(perSecond / (floor?.perSecond ?? Number.NaN)),
          'CPU x floor': rounded(cpuMsPerRename / (floor?.cpuMsPerRename ?? Number.NaN)),
          'median ms': rounded(medianMs),
          'p99 ms': rounded(p99Ms),
          'renames/s': Math.round(perSecond),
          'CPU ms': rounded(cpuMsPerRename),
        },
      ]),
    ),
  );
}

function print(title: string, table: object): void {
  console.log(`\n${title}`);
  console.table(table);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
