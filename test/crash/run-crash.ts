import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileHost } from '../stack/compile-host.ts';
import { APP_ROOT, startStack } from '../stack/stack.ts';
import { createAskList } from './ask-list.ts';
import { buildVariant, type Replacement } from './build-variant.ts';
import { checkInvariants } from './check-invariants.ts';
import { createClients } from './clients.ts';
import { compilePreload } from './compile-preload.ts';
import { type CrashReport, createReport } from './crash-report.ts';
import { createInstances } from './instances.ts';
import { seedIterations } from './iterations.ts';
import { createKillPlan, KILL_POINTS, type KillPoint } from './kill-points.ts';
import { createRandom } from '../random.ts';
import { readTable } from './read-table.ts';
import { createRecorder } from './recorder.ts';
import { settle, sweepWhile } from './settle.ts';
import { crashSettings, WEBHOOK_SECRET } from './settings.ts';
import { startInstance } from './start-instance.ts';
import { injectTrouble } from './trouble.ts';
import { watchFarEnds } from './watch-far-ends.ts';
import { createWorkload } from './workload.ts';

export interface CrashOptions {
  readonly kills: number;
  /** The same seed chooses the same points in the same order; what the processes are doing when they get there is theirs. */
  readonly seed: number;
  /** Where; everywhere when left out. */
  readonly points?: readonly KillPoint[];
  /** How long an instance is waited for to come by its point. */
  readonly patienceMs?: number;
  /** How many instances are up at a time. */
  readonly instances?: number;
  readonly clients?: number;
  /** On a busy machine a short one lets few renames come to their end. */
  readonly upstreamTimeoutSeconds?: number;
  /** What is broken in the product, to see it caught. */
  readonly broken?: Replacement | null;
  /** After this long no more instances are started, and what there is is judged. */
  readonly longestMs?: number;
  readonly onProgress?: (line: string) => void;
}

const SURVIVORS = 2;
const SETTLE_WITHIN_MS = 240_000;
const PROGRESS_EVERY_MS = 15_000;

/** Renames, kills, restarts, settles, and judges. */
export async function runCrash({
  kills,
  seed,
  points = KILL_POINTS,
  patienceMs = 5000,
  instances: atATime = 3,
  clients: clientCount = 16,
  upstreamTimeoutSeconds = 2,
  broken = null,
  longestMs = 1_800_000,
  onProgress = () => {},
}: CrashOptions): Promise<CrashReport> {
  const startedMs = Date.now();
  const folder = await mkdtemp(path.join(tmpdir(), 'rename-crash-'));
  const stack = await startStack({ settings: crashSettings({ upstreamTimeoutSeconds }) });
  try {
    stack.keyVault.setSecret(WEBHOOK_SECRET.name, WEBHOOK_SECRET.value);
    const [host, preload, appRoot] = await Promise.all([
      compileHost(folder),
      compilePreload(folder),
      broken === null ? APP_ROOT : buildVariant(broken, path.join(folder, 'broken')),
    ]);
    const start = startInstance({ stack, appRoot, host, preload, cache: path.join(folder, 'cache') });
    await (await start('warm', null)).stop(); // leaves a compile cache for all others, which have no time to

    const chance = createRandom(seed);
    const instances = createInstances({
      name: 'instance',
      start,
      kills,
      atATime,
      planKill: createKillPlan(createRandom(seed), points),
      patienceMs,
      random: chance,
      isTooLate: () => Date.now() - startedMs > longestMs,
    });
    const recorder = createRecorder();
    watchFarEnds({ stack, recorder, strike: instances.strike });
    injectTrouble(stack, chance);
    const iterations = seedIterations(stack.customVision, { projects: 6, iterationsOfEach: 40 });
    const clients = createClients({ instances, webhookSecret: WEBHOOK_SECRET.value });
    const { asked, ask } = createAskList();
    const workload = createWorkload({ ask, clients, iterations, random: chance });

    const progress = setInterval(() => {
      const dead = [...instances.deaths.values()].reduce((sum, count) => sum + count, 0);
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      onProgress(
        `${seconds} s: ${dead} of ${kills} killed, ${asked.length} renames asked for, ${recorder.effects.length} effects`,
      );
    }, PROGRESS_EVERY_MS);
    let isOver = false;
    try {
      const working = workload.run(clientCount, () => isOver);
      const sweeping = sweepWhile(instances, () => !isOver);
      await instances.liveAndDie();
      isOver = true;
      await Promise.all(Array.from({ length: SURVIVORS }, () => instances.startSurvivor()));
      await Promise.all([working, sweeping]);
      await stack.customVision.faults.clear();
      await stack.tables.faults.clear();
      await stack.queues.faults.clear();
      await settle({ stack, instances, clients, ask, withinMs: SETTLE_WITHIN_MS });
    } finally {
      isOver = true;
      clearInterval(progress);
    }
    const evidence = { ...recorder, rows: await readTable(stack.azurite), asked };
    return createReport({
      seed,
      evidence,
      deaths: instances.deaths,
      violations: checkInvariants(evidence),
      tookMs: Date.now() - startedMs,
    });
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}
