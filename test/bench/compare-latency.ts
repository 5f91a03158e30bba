import { cpuMsOf, type RunningParticipant, startParticipant } from './child.ts';
import type { Field } from './field.ts';
import type { Measured, Workload } from './participant-process.ts';
import { median, quantile } from './statistics.ts';

export interface Line {
  readonly name: string;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Renames a second of the median round. */
  readonly perSecond: number;
  /** Of the process that does the work, the client's in front of a function app not counted. */
  readonly cpuMsPerRename: number;
}

interface Contender {
  readonly name: string;
  readonly participant: RunningParticipant;
  /** The process whose CPU counts, where it is not the participant's own. */
  readonly frontPid: number | null;
}

/** Until the compilers of all processes, the emulator's too, have seen what will be measured often enough. */
const WARM_UP: Workload = { count: 1500, concurrency: 8 };

/** Starts all that are compared; each runs in a process of its own. */
export async function startContenders(
  field: Field,
): Promise<{ contenders: Contender[]; stop: () => Promise<void> }> {
  const product = await field.stack.startApp({ settings: field.settings });
  const usual = await field.stack.startApp({ appRoot: field.apps.usual, settings: field.settings });
  const nginx = await field.startNginx();
  const enter = async (
    name: string,
    module: string,
    front: Parameters<Field['course']>[0] = null,
    frontPid: number | null = null,
  ): Promise<Contender> => ({
    name,
    frontPid,
    participant: await startParticipant({
      module: `./participants/${module}.ts`,
      course: field.course(front),
    }),
  });
  const contenders = [
    await enter('this product', 'http-patch', product, product.pid),
    await enter('official SDK, key in hand', 'official-sdk'),
    await enter('plain PATCH (floor without audit)', 'undici-patch'),
    await enter('begin + PATCH + complete (floor with audit)', 'audited-floor'),
    await enter('function as most would write it', 'http-patch', usual, usual.pid),
    ...(nginx === null ? [] : [await enter('nginx that adds the key', 'http-patch', nginx)]),
  ];
  for (const { participant } of contenders) await participant.run(WARM_UP);
  return {
    contenders,
    async stop() {
      for (const { participant } of contenders) participant.stop();
      await Promise.all([product.stop(), usual.stop()]);
    },
  };
}

/** Lets all run the same workload by turns, so that what the machine does meanwhile meets all alike. */
export async function compare(
  contenders: readonly Contender[],
  workload: Workload,
  rounds: number,
): Promise<Line[]> {
  const runs = new Map<Contender, (Measured & { frontCpuMs: number })[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of contenders) {
      const { participant, frontPid } = contender;
      const before = frontPid === null ? 0 : cpuMsOf(frontPid);
      const measured = await participant.run(workload);
      const frontCpuMs = frontPid === null ? 0 : cpuMsOf(frontPid) - before;
      // The first round warms up for this workload.
      if (round >= 0) runs.set(contender, [...(runs.get(contender) ?? []), { ...measured, frontCpuMs }]);
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
