import { Pool } from 'undici';
import { createRandom } from '../random.ts';
import type { BenchStack, Front } from './bench-stack.ts';
import { compared, fact, type Line, type Pair, SEED } from './line.ts';
import { iterationPath } from './participants/participant.ts';
import { quantile } from './statistics.ts';

/** As many as the host takes at once (`maxOutstandingRequests`); it answers 429 to more. */
const REQUESTS = 200;

interface Burst {
  readonly allAnsweredMs: number;
  readonly p99Ms: number;
  readonly statuses: ReadonlyMap<number, number>;
}

/** So many renames at once, each of an iteration of its own: what comes of them, and when. */
export async function compareBursts(bench: BenchStack, { bursts }: { bursts: number }): Promise<Line[]> {
  const fronts = {
    product: await bench.start('product'),
    floor: await bench.start('floor'),
    limited: await bench.start('product', { settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '3' } }),
  };
  const random = createRandom(SEED);
  const all: Pair[][] = [];
  const slowest: Pair[][] = [];
  // The first two bursts warm up.
  for (let round = -2; round < bursts; round += 1) {
    const measured = new Map<string, Burst>();
    for (const name of random.shuffled(['product', 'floor'] as const)) {
      const burst = await sendBurst(bench, fronts[name]);
      if (burst.statuses.get(200) !== REQUESTS) throw new Error(`${name}: ${describe(burst)}`);
      measured.set(name, burst);
    }
    if (round < 0) continue;
    const [ours, floor] = [measured.get('product'), measured.get('floor')];
    if (ours === undefined || floor === undefined) continue;
    all.push([{ value: ours.allAnsweredMs, reference: floor.allAnsweredMs }]);
    slowest.push([{ value: ours.p99Ms, reference: floor.p99Ms }]);
  }
  const limited = await sendBurst(bench, fronts.limited);
  await Promise.all(Object.values(fronts).map(({ app }) => app.stop()));

  const title = `burst of ${REQUESTS} renames`;
  const common = { unit: 'ms', reference: 'the floor', better: 'lower' } as const;
  const counts = [...limited.statuses].toSorted(([a], [b]) => a - b);
  return [
    compared({ ...common, name: `${title}, all answered`, pairs: all }),
    compared({ ...common, name: `${title}, p99`, pairs: slowest }),
    ...counts.map(([status, count]) => fact(`${title} at the default limit: ${status}`, count, 'answers')),
    fact(`${title} at the default limit: all answered`, limited.allAnsweredMs, 'ms'),
  ];
}

function describe({ statuses }: Burst): string {
  return [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
}

async function sendBurst(bench: BenchStack, front: Front): Promise<Burst> {
  const { projectId, iterationIds } = bench.target(front);
  const pool = new Pool(front.url, { connections: REQUESTS, pipelining: 1 });
  const headers = { ...front.headers, 'content-type': 'application/json' };
  const latenciesMs: number[] = [];
  const statuses = new Map<number, number>();
  const startedMs = performance.now();
  await Promise.all(
    iterationIds.slice(0, REQUESTS).map(async (iterationId) => {
      const { statusCode, body } = await pool.request({
        path: iterationPath(projectId, iterationId),
        method: 'PATCH',
        headers,
        body: '{"name":"Release 1"}',
      });
      await body.dump();
      latenciesMs.push(performance.now() - startedMs);
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }),
  );
  const allAnsweredMs = Math.max(...latenciesMs);
  await pool.close();
  return { allAnsweredMs, p99Ms: quantile(latenciesMs, 0.99), statuses };
}
