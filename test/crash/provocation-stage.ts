import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileHost } from '../stack/compile-host.ts';
import { startStack } from '../stack/stack.ts';
import { createAskList } from './ask-list.ts';
import { buildVariant, type Replacement } from './build-variant.ts';
import { checkInvariants, type Violation } from './check-invariants.ts';
import { createClients } from './clients.ts';
import { compilePreload } from './compile-preload.ts';
import { createInstances, type Instances } from './instances.ts';
import { seedIterations } from './iterations.ts';
import type { Provocation } from './provocations.ts';
import { createRandom } from '../random.ts';
import { readTable } from './read-table.ts';
import { createRecorder } from './recorder.ts';
import { crashSettings, WEBHOOK_SECRET } from './settings.ts';
import { countMessages } from './settle.ts';
import { startInstance } from './start-instance.ts';
import { watchFarEnds } from './watch-far-ends.ts';

/** One stack for many apps at once: each has projects of its own, and is judged by them alone. */
export interface ProvocationStage {
  /** Builds the product with one module broken; resolves to its app root. */
  build(replacement: Replacement): Promise<string>;
  /** What the judge finds wrong with a built app after all of this at once. Of several, none may kill. */
  provoke(provocations: readonly Provocation[], appRoot: string): Promise<Violation[]>;
  stop(): Promise<void>;
}

/** Longer than any of it takes, even where other work keeps this machine busy. */
const PATIENCE_MS = 120_000;
const LOOK_AGAIN_AFTER_MS = 200;

export async function createProvocationStage(): Promise<ProvocationStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rename-provocations-'));
  const stack = await startStack({
    settings: {
      ...crashSettings({ upstreamTimeoutSeconds: 2 }),
      // What is left behind is settled by the next request that meets it: a sweep would look into everybody's projects.
      'AzureWebJobs.sweep-renames.Disabled': 'true',
    },
  });
  stack.keyVault.setSecret(WEBHOOK_SECRET.name, WEBHOOK_SECRET.value);
  const [host, preload] = await Promise.all([compileHost(folder), compilePreload(folder)]);
  const recorder = createRecorder();
  const apps = new Map<string, Instances>();
  watchFarEnds({
    stack,
    recorder,
    strike: async (mark, step, stage) =>
      (await apps.get(mark.split('-')[0] ?? '')?.strike(mark, step, stage)) ?? false,
  });

  return {
    build: (replacement) => buildVariant(replacement, path.join(folder, replacement.by)),
    provoke,
    async stop() {
      await stack.stop();
      await rm(folder, { recursive: true });
    },
  };

  async function provoke(provocations: readonly Provocation[], appRoot: string): Promise<Violation[]> {
    const point = provocations.find(({ kill }) => kill !== undefined)?.kill;
    const needsQueue = provocations.some((provocation) => provocation.needsQueue);
    const name = `app${apps.size}`;
    const instances = createInstances({
      name,
      start: startInstance({
        stack,
        appRoot,
        host,
        preload,
        cache: path.join(folder, 'cache'),
        settings: needsQueue ? {} : { WEBHOOK_SOURCES: '{}' },
      }),
      kills: point === undefined ? 0 : 1,
      atATime: 1,
      planKill: () => ({ point: point ?? { at: 'random moment' }, after: 0, isWarm: true }),
      patienceMs: PATIENCE_MS,
      random: createRandom(apps.size),
      isTooLate: () => false,
    });
    apps.set(name, instances);
    const clients = createClients({
      instances,
      webhookSecret: WEBHOOK_SECRET.value,
      patienceMs: PATIENCE_MS,
    });
    const { asked, ask } = createAskList();

    const living = instances.liveAndDie().then(() => instances.startSurvivor());
    const projects = await Promise.all(
      provocations.map(async ({ fault, play }) => {
        const [iteration] = seedIterations(stack.customVision, { projects: 1, iterationsOfEach: 1 }).all;
        fault?.(stack, iteration);
        await play(clients, ask, iteration);
        return iteration.projectId;
      }),
    );
    await living;

    const filter = projects.map((projectId) => `PartitionKey eq '${projectId}'`).join(' or ');
    for (const untilMs = Date.now() + PATIENCE_MS; Date.now() < untilMs;) {
      const locks = (await readTable(stack.azurite, filter)).filter(({ rowKey }) =>
        rowKey.startsWith('lock|'),
      );
      if (locks.length === 0 && (!needsQueue || (await countMessages(stack)) === 0)) break;
      await Promise.all(
        locks.map(({ partitionKey: projectId, rowKey }) =>
          clients.persist(ask({ projectId, iterationId: rowKey.slice('lock|'.length) })),
        ),
      );
      await sleep(LOOK_AGAIN_AFTER_MS);
    }
    await instances.stop();
    return checkInvariants({
      begins: recorder.begins,
      effects: recorder.effects.filter(({ projectId }) => projects.includes(projectId)),
      rows: await readTable(stack.azurite, filter),
      asked,
    });
  }
}
