import { createRandom } from '../random.ts';
import type { AppName, BenchStack } from './bench-stack.ts';
import { cpuMsOf, type RunningParticipant, startParticipant } from './child.ts';
import { compared, type Line, type Pair, SEED } from './line.ts';
import type { Measured, Workload } from './participant-process.ts';
import { median } from './statistics.ts';

/** Who renames: this product, and each that it is compared with. */
interface Candidate {
  readonly name: string;
  readonly participant: RunningParticipant;
  /** The process whose CPU counts; null for the official SDK, which has no server. */
  readonly pid: number | null;
}

/** What one candidate has measured in one block. */
interface Block {
  readonly medianMs: number;
  readonly perSecond: number;
  readonly cpuMs: number;
}

const SDK = "the SDK's direct call";
const FLOOR = 'the floor';
const CONTRACT = "the contract's floor";
const USUAL = 'the usual function';
const BESIDE = 'the other build';

const APPS: readonly (readonly [string, AppName])[] = [
  ['this product', 'product'],
  [FLOOR, 'floor'],
  [CONTRACT, 'contract'],
  [USUAL, 'usual'],
];

/** Enough for the JIT compilers of all processes, the emulator's too. */
const WARM_UP: Workload = { count: 1200, concurrency: 8 };

/** In one block; each takes a second or less. */
const WORKLOADS = {
  '0 ms': { delayMs: 0, concurrency: 1, count: 100 },
  '80 ms': { delayMs: 80, concurrency: 1, count: 12 },
  '32 at once, 0 ms': { delayMs: 0, concurrency: 32, count: 320 },
  '32 at once, 80 ms': { delayMs: 80, concurrency: 32, count: 320 },
} as const;

type Title = keyof typeof WORKLOADS;

/** What is told: workload, quantity, reference, and the bound that the product must keep. */
const COMPARISONS: readonly (readonly [Title, keyof typeof QUANTITIES, string, number?])[] = [
  ['80 ms', 'latency', SDK, 1.08],
  ['80 ms', 'latency', FLOOR],
  ['80 ms', 'latency', USUAL],
  ['0 ms', 'latency', FLOOR],
  ['0 ms', 'latency', USUAL],
  ['0 ms', 'CPU', FLOOR, 1.15],
  ['0 ms', 'CPU', CONTRACT],
  ['0 ms', 'CPU', USUAL],
  ['32 at once, 0 ms', 'throughput', FLOOR, 0.85],
  ['32 at once, 0 ms', 'throughput', CONTRACT],
  ['32 at once, 0 ms', 'throughput', USUAL],
  ['32 at once, 0 ms', 'CPU', FLOOR],
  ['32 at once, 0 ms', 'CPU', CONTRACT],
  ['32 at once, 80 ms', 'throughput', FLOOR],
];

const QUANTITIES = {
  latency: { of: ({ medianMs }: Block) => medianMs, unit: 'ms', better: 'lower' },
  throughput: { of: ({ perSecond }: Block) => perSecond, unit: '/s', better: 'higher' },
  CPU: { of: ({ cpuMs }: Block) => cpuMs, unit: 'ms', better: 'lower' },
} as const;

/**
 * Renames by all in turns, in blocks. `starts` times each process is started anew: two starts of one program
 * differ more than two blocks of one start.
 */
export async function compareRenames(
  bench: BenchStack,
  { starts, blocks, beside }: { starts: number; blocks: number; beside: boolean },
): Promise<Line[]> {
  const random = createRandom(SEED);
  const measured = new Map<string, Block[][]>();
  for (let start = 0; start < starts; start += 1) {
    const { candidates, stop } = await startCandidates(bench, beside);
    for (const [title, { delayMs, ...workload }] of Object.entries(WORKLOADS)) {
      await bench.setUpstreamDelay(delayMs);
      // The first block warms up for this workload.
      for (let block = delayMs === 0 ? -1 : 0; block < blocks; block += 1) {
        for (const candidate of random.shuffled(candidates)) {
          const one = await runBlock(candidate, workload);
          if (block >= 0) groupOf(measured, `${title} ${candidate.name}`, start).push(one);
        }
      }
    }
    await bench.setUpstreamDelay(0);
    await stop();
  }
  const others = beside ? besideComparisons() : [];
  return [...COMPARISONS, ...others].map(([title, quantity, reference, bound]) => {
    const { of, unit, better } = QUANTITIES[quantity];
    const ours = measured.get(`${title} this product`) ?? [];
    const theirs = measured.get(`${title} ${reference}`) ?? [];
    const pairs = ours.map((group, start) =>
      group.map((block, index): Pair => {
        const other = theirs[start]?.[index];
        return { value: of(block), reference: other === undefined ? Number.NaN : of(other) };
      }),
    );
    return compared({
      name: `${quantity}, ${title}`,
      unit,
      reference,
      better,
      ...(bound === undefined ? {} : { bound }),
      pairs,
    });
  });
}

function besideComparisons(): (typeof COMPARISONS)[number][] {
  return [
    ['80 ms', 'latency', BESIDE],
    ['0 ms', 'latency', BESIDE],
    ['0 ms', 'CPU', BESIDE],
    ['32 at once, 0 ms', 'throughput', BESIDE],
    ['32 at once, 0 ms', 'CPU', BESIDE],
  ];
}

async function startCandidates(
  bench: BenchStack,
  beside: boolean,
): Promise<{ candidates: Candidate[]; stop: () => Promise<void> }> {
  const candidates: Candidate[] = [];
  const ends: (() => Promise<void>)[] = [];
  for (const [name, appName] of beside ? [...APPS, [BESIDE, 'beside'] as const] : APPS) {
    const front = await bench.start(appName);
    const participant = await startParticipant({
      module: './participants/http-patch.ts',
      target: bench.target(front),
    });
    candidates.push({ name, participant, pid: front.app.pid });
    ends.push(() => front.app.stop());
  }
  const participant = await startParticipant({
    module: './participants/official-sdk.ts',
    target: bench.target(null),
  });
  candidates.push({ name: SDK, participant, pid: null });
  for (const candidate of candidates) await candidate.participant.run(WARM_UP);
  return {
    candidates,
    async stop() {
      for (const candidate of candidates) candidate.participant.stop();
      await Promise.all(ends.map((end) => end()));
    },
  };
}

async function runBlock({ participant, pid }: Candidate, workload: Workload): Promise<Block> {
  const before = pid === null ? Number.NaN : cpuMsOf(pid);
  const { latenciesMs, elapsedMs }: Measured = await participant.run(workload);
  const cpuMs = pid === null ? Number.NaN : cpuMsOf(pid) - before;
  const { count } = workload;
  return {
    medianMs: median(latenciesMs),
    perSecond: (count * 1000) / elapsedMs,
    cpuMs: cpuMs / count,
  };
}

function groupOf(measured: Map<string, Block[][]>, key: string, start: number): Block[] {
  const groups = measured.get(key) ?? [];
  measured.set(key, groups);
  const group = groups[start] ?? [];
  groups[start] = group;
  return group;
}
