import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileHost } from '../stack/compile-host.ts';
import { sharedParts } from '../stack/shared-parts.ts';
import { APP_ROOT, startStack } from '../stack/stack.ts';
import { createAskList } from './ask-list.ts';
import { buildVariants, type Replacement } from './build-variants.ts';
import { checkInvariants } from './check-invariants.ts';
import { createClients } from './clients.ts';
import { compilePreloads } from './compile-preloads.ts';
import { type CrashReport, createReport } from './crash-report.ts';
import { createInstances } from './instances.ts';
import { seedIterations, withSingleSpaces } from './iterations.ts';
import { createKillPlan, KILL_POINTS, type KillPoint } from './kill-points.ts';
import { createRandom } from '../random.ts';
import { readTable } from './read-table.ts';
import { createRecorder } from './recorder.ts';
import { drain, sweepWhile } from './drain.ts';
import { crashSettings, namingTrained, WEBHOOK_SECRET } from './settings.ts';
import { startInstance } from './start-instance.ts';
import { forgeMessages } from './forge-messages.ts';
import type { Evidence } from './evidence.ts';
import { injectFaults } from './inject-faults.ts';
import { openFrontDoor } from './front-door.ts';
import { createPeople } from './people.ts';
import { createSdkClient } from './sdk-client.ts';
import { trainIterations } from './train-iterations.ts';
import { watchFarEnds } from './watch-far-ends.ts';
import { createWorkload } from './workload.ts';
import { randomWorld } from './world.ts';

export interface CrashOptions {
  readonly kills: number;
  /**
   * The same seed chooses the same points in the same order; what a process is doing when it gets there is up
   * to the machine.
   */
  readonly seed: number;
  /** Default: all points. */
  readonly points?: readonly KillPoint[];
  /** An instance that does not reach its point in this time is killed anyway. */
  readonly timeoutMs?: number;
  /** Instances that run at the same time. */
  readonly instances?: number;
  readonly clients?: number;
  /** Too short on a busy machine: few renames end. */
  readonly upstreamTimeoutSeconds?: number;
  /** Default true. The SDK waits half a minute, and longer, before it repeats. */
  readonly withSdk?: boolean;
  /** Breaks the product first, to see the judge catch it. */
  readonly broken?: Replacement | null;
  /** After this time no more instances start; the judge then judges what there is. */
  readonly maxDurationMs?: number;
  readonly onProgress?: (line: string) => void;
}

const SURVIVORS = 2;
/** Of the sweeps: each enqueues what waits, so that messages are duplicated. */
const SHARE_OF_LOST_MESSAGES = 0.05;
const MAX_DRAIN_MS = 240_000;
const PROGRESS_EVERY_MS = 15_000;

/** Renames while instances are killed and restarted, drains what is left, and judges it. */
export async function runCrash({
  kills,
  seed,
  points = KILL_POINTS,
  timeoutMs = 5000,
  instances: concurrent = 3,
  clients: clientCount = 16,
  upstreamTimeoutSeconds = 2,
  withSdk = true,
  broken = null,
  maxDurationMs = 1_800_000,
  onProgress = () => {},
}: CrashOptions): Promise<CrashReport> {
  const startedMs = Date.now();
  const folder = await mkdtemp(path.join(tmpdir(), 'rename-crash-'));
  const stack = await startStack({ settings: crashSettings({ upstreamTimeoutSeconds }) });
  try {
    stack.keyVault.setSecret(WEBHOOK_SECRET.name, WEBHOOK_SECRET.value);
    const [host, preloads, [appRoot = APP_ROOT]] = await Promise.all([
      sharedParts()?.host ?? compileHost(folder),
      compilePreloads(folder),
      broken === null ? [] : buildVariants([broken], path.join(folder, 'broken')),
    ]);
    const start = startInstance({
      stack,
      appRoot,
      host,
      preloads,
      settings: {
        CUSTOM_VISION_RESOURCES: namingTrained(stack.settings['CUSTOM_VISION_RESOURCES'] ?? ''),
        NODE_COMPILE_CACHE: path.join(folder, 'cache'),
      },
    });
    // Fills the compile cache; the other instances are killed too early for that.
    await (await start('warm', null, {})).stop();

    const chance = createRandom(seed);
    const instances = createInstances({
      name: 'instance',
      start,
      kills,
      concurrent,
      planKill: createKillPlan(createRandom(seed), points),
      timeoutMs,
      random: chance,
      nextWorld: () => randomWorld(chance, upstreamTimeoutSeconds),
      isOverTime: () => Date.now() - startedMs > maxDurationMs,
    });
    const recorder = createRecorder();
    let isDraining = false;
    watchFarEnds({
      stack,
      recorder,
      killAt: instances.killAt,
      isAcceptedOld: () => isDraining || chance.chance(SHARE_OF_LOST_MESSAGES),
    });
    injectFaults(stack, chance);
    stack.customVision.normaliseNames(withSingleSpaces);
    const iterations = seedIterations(stack.customVision, { projects: 6, iterationsOfEach: 40 });
    const clients = createClients({
      instances,
      webhookSecret: WEBHOOK_SECRET.value,
      next: recorder.next,
    });
    const { asked, ask } = createAskList();
    const frontDoor = await openFrontDoor({ instances, clients, asked });
    const workload = createWorkload({
      asked,
      ask,
      clients,
      renameBySdk: withSdk ? createSdkClient({ frontDoor, asked }) : null,
      people: createPeople({ customVision: stack.customVision, recorder }),
      iterations,
      random: chance,
    });

    const progress = setInterval(() => {
      const killed = [...instances.killsByPoint.values()].reduce((sum, count) => sum + count, 0);
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      onProgress(
        `${seconds} s: ${killed} of ${kills} killed, ${asked.length} renames asked for, ${recorder.effects.length} effects`,
      );
    }, PROGRESS_EVERY_MS);
    let isOver = false;
    let seeded: Evidence['seeded'] = iterations.all;
    try {
      const working = workload.run(clientCount, () => isOver);
      const training = trainIterations({
        stack,
        ask,
        projectsOf: iterations.all,
        random: chance,
        isOver: () => isOver,
      });
      const sweeping = sweepWhile(instances, () => !isOver);
      const forging = forgeMessages({ azurite: stack.azurite, asked, random: chance, isOver: () => isOver });
      await instances.runUntilKilled();
      isOver = true;
      await Promise.all(Array.from({ length: SURVIVORS }, () => instances.startSurvivor()));
      const [trained] = await Promise.all([training, working, sweeping, forging]);
      seeded = [...iterations.all, ...trained];
      await frontDoor.stop();
      await stack.customVision.faults.clear();
      await stack.tables.faults.clear();
      await stack.queues.faults.clear();
      isDraining = true;
      await drain({ stack, instances, clients, ask, maxDrainMs: MAX_DRAIN_MS });
    } finally {
      isOver = true;
      clearInterval(progress);
    }
    const evidence = {
      ...recorder,
      seeded,
      shortestTimeoutMs: 1000 * upstreamTimeoutSeconds,
      rows: await readTable(stack.azurite),
      asked,
    };
    return createReport({
      seed,
      evidence,
      kills: instances.killsByPoint,
      violations: checkInvariants(evidence),
      tookMs: Date.now() - startedMs,
    });
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}
