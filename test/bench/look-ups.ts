import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials } from '@azure/ms-rest-js';
import { createRandom } from '../random.ts';
import type { BenchStack } from './bench-stack.ts';
import { compared, type Line, type Pair, SEED } from './line.ts';
import { median } from './statistics.ts';

const WORKLOADS = { '0 ms': { delayMs: 0, count: 20 }, '80 ms': { delayMs: 80, count: 5 } } as const;

/** The list of a project's 20 iterations, by the official SDK: through the proxy, and with the key in hand. */
export async function compareLookUps(bench: BenchStack, { blocks }: { blocks: number }): Promise<Line[]> {
  const { stack, upstream } = bench;
  const front = await bench.start('product');
  const { projectId } = bench.target(null);
  const clients = {
    proxy: createClient(front.url, stack.callerKeys['line-3'] ?? ''),
    direct: createClient(upstream, stack.trainingKey),
  };
  const random = createRandom(SEED);
  const lines: Line[] = [];
  for (const [title, { delayMs, count }] of Object.entries(WORKLOADS)) {
    await bench.setUpstreamDelay(delayMs);
    const pairs: Pair[] = [];
    // The first blocks warm up.
    for (let block = delayMs === 0 ? -5 : 0; block < blocks; block += 1) {
      const measured = { proxy: Number.NaN, direct: Number.NaN };
      for (const way of random.shuffled(['proxy', 'direct'] as const))
        measured[way] = await timeListing(clients[way], projectId, count);
      if (block >= 0) pairs.push({ value: measured.proxy, reference: measured.direct });
    }
    lines.push(
      compared({
        name: `20 iterations listed, ${title}`,
        unit: 'ms',
        reference: "the SDK's direct call",
        better: 'lower',
        pairs: [pairs],
      }),
    );
  }
  await bench.setUpstreamDelay(0);
  await front.app.stop();
  return lines;
}

function createClient(endpoint: string, key: string): TrainingAPIClient {
  return new TrainingAPIClient(new ApiKeyCredentials({ inHeader: { 'Training-key': key } }), endpoint);
}

async function timeListing(client: TrainingAPIClient, projectId: string, count: number): Promise<number> {
  const latenciesMs: number[] = [];
  for (let call = 0; call < count; call += 1) {
    const startedMs = performance.now();
    const iterations = await client.getIterations(projectId);
    if (iterations.length !== 20) throw new Error(`${iterations.length} iterations`);
    latenciesMs.push(performance.now() - startedMs);
  }
  return median(latenciesMs);
}
