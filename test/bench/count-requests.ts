import type { BenchStack } from './bench-stack.ts';
import { startParticipant } from './child.ts';
import { fact, type Line } from './line.ts';

const RENAMES = 50;

/** What one warm rename costs in requests; the storage ones are counted at a proxy before Azurite. */
export async function countRequests(bench: BenchStack): Promise<Line[]> {
  const { stack } = bench;
  const storage = stack.settings['RENAME_STORAGE'] ?? '';
  const front = await bench.start('product', { settings: { RENAME_STORAGE: storage } });
  const participant = await startParticipant({
    module: './participants/http-patch.ts',
    target: bench.target(front),
  });
  await participant.run({ count: 1, concurrency: 1 });
  const before = await bench.upstreamCounts();
  const operations = stack.tables.operations().length;
  await participant.run({ count: RENAMES, concurrency: 1 });
  const after = await bench.upstreamCounts();
  const stored = stack.tables.operations().length - operations;
  participant.stop();
  await front.app.stop();
  return [
    fact('a rename: storage requests', stored / RENAMES, ''),
    fact('a rename: PATCH to the upstream', (after.PATCH - before.PATCH) / RENAMES, ''),
    fact('a rename: GET to the upstream', (after.GET - before.GET) / RENAMES, ''),
  ];
}
