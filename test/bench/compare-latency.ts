import { cpuMsOf, type RunningParticipant, startParticipant } from './child.ts';
import type { BenchStack } from './bench-stack.ts';
import type { Measured, Workload } from './participant-process.ts';
import { median, quantile } from './statistics.ts';

export interface Line {
  readonly name: string;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Renames a second of the median round. */
  readonly perSecond: number;
  /** Of the process that does the work, without the client in front of a function app. */
  readonly cpuMsPerRename: number;
}

interface Candidate {
  readonly name: string;
  readonly participant: RunningParticipant;
  /** The process whose CPU counts, if it is not the participant's own. */
  readonly frontPid: number | null;
}

/** Enough for the JIT compilers of all processes, the emulator's too. */
const WARM_UP: Workload = { count: 1500, concurrency: 8 };

/** Starts everything that is compared, each in a process of its own. */
export async function startCandidates(
  bench: BenchStack,
): Promise<{ candidates: Candidate[]; stop: () => Promise<void> }> {
  const product = await bench.stack.startApp({ settings: bench.settings });
  const usual = await bench.stack.startApp({ appRoot: bench.apps.usual, settings: bench.settings });
  const nginx = await bench.startNginx();
  const enter = async (
    name: string,
    module: string,
    front: Parameters<BenchStack['target']>[0] = null,
    frontPid: number | null = null,
  ): Promise<Candidate> => ({
    name,
    frontPid,
    participant: await startParticipant({
      module: `./participants/${module}.ts`,
      target: bench.target(front),
    }),
  });
  const candidates = [
    await enter('this product', 'http-patch', product, product.pid),
    await enter('official SDK, key in hand', 'official-sdk'),
    await enter('plain PATCH (floor without audit)', 'undici-patch'),
    await enter('begin + PATCH + complete (floor with audit)', 'audited-floor'),
    await enter('function as most would write it', 'http-patch', usual, usual.pid),
    ...(nginx === null ? [] : [await enter('nginx that adds the key', 'http-patch', nginx)]),
  ];
  for (const { participant } of candidates) await participant.run(WARM_UP);
  return {
    candidates,
    async stop() {
      for (const { participant } of candidates) participant.stop();
      await Promise.all([product.stop(), usual.stop()]);
    },
  };
}

/** Runs the same workload on all in turns, so that other work on the machine affects all alike. */
export async function compare(
  candidates: readonly Candidate[],
  workload: Workload,
  rounds: number,
): Promise<Line[]> {
  const runs = new Map<Candidate, (Measured & { frontCpuMs: number })[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const candidate of candidates) {
      const { participant, frontPid } = candidate;
      const before = frontPid === null ? 0 : cpuMsOf(frontPid);
      const measured = await participant.run(workload);
      const frontCpuMs = frontPid === null ? 0 : cpuMsOf(frontPid) - before;
      // The first round warms up for this workload.
      if (round >= 0) runs.set(candidate, [...(runs.get(candidate) ?? []), { ...measured, frontCpuMs }]);
    }
  }
  return [...runs].map(([{ name, frontPid }, measured]) => {
    const latencies = measured.flatMap(({ latenciesMs }) => latenciesMs);
    return {
      name,
      medianMs: median(latencies),
      p99Ms: quantile(latencies, 0.99),
      perSecond: median(measured.map(({ elapsedMs }) => (workload.count * 1000) / elapsedMs)),
      cpuMsPerRename: median(
        measured.map(({ cpuMs, frontCpuMs }) => (frontPid === null ? cpuMs : frontCpuMs) / workload.count),
      ),
    };
  });
}
