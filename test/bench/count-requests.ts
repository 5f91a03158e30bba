import { startParticipant } from './child.ts';
import type { BenchStack } from './bench-stack.ts';

/** What one warm rename costs in requests; the storage ones are counted at a proxy before Azurite. */
export async function countRequests(bench: BenchStack): Promise<Record<string, number>> {
  const { stack } = bench;
  const storage = stack.settings['RENAME_STORAGE'] ?? '';
  const app = await stack.startApp({ settings: { ...bench.settings, RENAME_STORAGE: storage } });
  const participant = await startParticipant({
    module: './participants/http-patch.ts',
    target: bench.target(app),
  });
  await participant.run({ count: 1, concurrency: 1 });
  const before = await bench.upstreamCounts();
  const operations = stack.tables.operations().length;
  const renames = 50;
  await participant.run({ count: renames, concurrency: 1 });
  const after = await bench.upstreamCounts();
  participant.stop();
  await app.stop();
  return {
    storage: (stack.tables.operations().length - operations) / renames,
    'upstream PATCH': (after.PATCH - before.PATCH) / renames,
    'upstream GET': (after.GET - before.GET) / renames,
  };
}
