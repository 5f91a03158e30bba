import type { Target, Participant, Rename } from './participants/participant.ts';

export interface Start {
  readonly module: string;
  readonly target: Target;
}

export interface Workload {
  readonly count: number;
  readonly concurrency: number;
}

export interface Measured {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

let rename: Rename | null = null;
let iterationIds: readonly string[] = [];
let made = 0;

// One participant in a process of its own. Its first message says which one, the next ones how much to do.
process.on('message', (message: Start | Workload) => {
  const done = 'module' in message ? start(message) : run(message);
  done.then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function start({ module, target }: Start): Promise<Measured> {
  const { participant }: { participant: Participant } = await import(module);
  rename = await participant.createRename(target);
  ({ iterationIds } = target);
  return run({ count: 0, concurrency: 1 });
}

/** Each worker has an iteration of its own: renames of one iteration exclude each other. */
async function run({ count, concurrency }: Workload): Promise<Measured> {
  const latenciesMs: number[] = [];
  let left = count;
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async (_, worker) => {
      while (left > 0) {
        left -= 1;
        const iterationId = iterationIds[worker] ?? '';
        const sentMs = performance.now();
        await rename?.(iterationId, `Release ${(made += 1)}`);
        latenciesMs.push(performance.now() - sentMs);
      }
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(before);
  return { latenciesMs, elapsedMs, cpuMs: (user + system) / 1000 };
}
