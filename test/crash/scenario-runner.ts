import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ofAccount, startAzurite } from '../stack/azurite.ts';
import { startStack } from '../stack/stack.ts';
import { createAskList } from './ask-list.ts';
import { buildVariants, type Replacement } from './build-variants.ts';
import { checkInvariants } from './check-invariants.ts';
import { createClients } from './clients.ts';
import { compilePreloads } from './compile-preloads.ts';
import { createInstances, type Instances } from './instances.ts';
import { createPeople } from './people.ts';
import { seedIterations, withSingleSpaces } from './iterations.ts';
import type { Scenario } from './scenarios.ts';
import { createRandom } from '../random.ts';
import { readTable, readUnfinished } from './read-table.ts';
import { createRecorder } from './recorder.ts';
import { crashSettings, WEBHOOK_SECRET } from './settings.ts';
import { countMessages } from './drain.ts';
import { nameOfPoint } from './kill-points.ts';
import { startInstance } from './start-instance.ts';
import type { Violation } from './violation.ts';
import { watchFarEnds } from './watch-far-ends.ts';

/**
 * One stack for many apps at once: each app has a storage account and projects of its own, and is judged by
 * them alone.
 */
export interface ScenarioRunner {
  /** Builds the product with one module broken, for each of them; resolves to the app roots. */
  build(replacements: readonly Replacement[]): Promise<string[]>;
  /**
   * Plays all scenarios at once on a built app; resolves to the violations. Only a scenario on its own may
   * kill, or have worlds.
   */
  run(scenarios: readonly Scenario[], appRoot: string): Promise<Violation[]>;
  stop(): Promise<void>;
}

const UPSTREAM_TIMEOUT_SECONDS = 2;
/** Longer than any scenario takes, even on a busy machine. */
const TIMEOUT_MS = 120_000;
const POLL_INTERVAL_MS = 200;
const MAX_APPS = 100;

export async function createScenarioRunner(): Promise<ScenarioRunner> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rename-scenarios-'));
  const azurite = await startAzurite({
    accounts: Array.from({ length: MAX_APPS }, (_, index) => nameOf(index)),
  });
  const stack = await startStack({
    settings: {
      ...crashSettings({ upstreamTimeoutSeconds: UPSTREAM_TIMEOUT_SECONDS }),
    },
    azurite,
  });
  stack.keyVault.setSecret(WEBHOOK_SECRET.name, WEBHOOK_SECRET.value);
  const preloads = await compilePreloads(folder);
  stack.customVision.normaliseNames(withSingleSpaces);
  const recorder = createRecorder();
  const people = createPeople({ customVision: stack.customVision, recorder });
  const apps = new Map<string, Instances>();
  watchFarEnds({
    stack,
    recorder,
    killAt: async (mark, step, stage) =>
      (await apps.get(mark.split('-')[0] ?? '')?.killAt(mark, step, stage)) ?? false,
  });

  return {
    build: (replacements) => buildVariants(replacements, path.join(folder, 'builds')),
    run,
    async stop() {
      await stack.stop();
      await azurite.stop();
      await rm(folder, { recursive: true });
    },
  };

  async function run(scenarios: readonly Scenario[], appRoot: string): Promise<Violation[]> {
    const { kill: point, killAfter = 0 } = scenarios.find(({ kill }) => kill !== undefined) ?? {};
    const worlds = scenarios.flatMap((scenario) => scenario.worlds ?? []);
    const name = nameOf(apps.size);
    const account = { connectionString: ofAccount(azurite.connectionString, name) };
    const instances = createInstances({
      name,
      start: startInstance({
        stack,
        appRoot,
        preloads,
        settings: { RENAME_STORAGE: ofAccount(stack.settings['RENAME_STORAGE'] ?? '', name) },
        withoutTimers: true, // a sweep of a full minute could settle what a scenario is about
      }),
      kills: point === undefined ? 0 : 1,
      concurrent: 1,
      planKill: () => ({ point: point ?? { at: 'random moment' }, after: killAfter, isWarm: true }),
      timeoutMs: TIMEOUT_MS,
      random: createRandom(apps.size),
      nextWorld: () => ({}),
      isOverTime: () => false,
    });
    apps.set(name, instances);
    const clients = createClients({
      instances,
      webhookSecret: WEBHOOK_SECRET.value,
      next: recorder.next,
      timeoutMs: TIMEOUT_MS,
    });
    const { asked, ask } = createAskList();

    const ofWorlds = await Promise.all(worlds.map((world) => instances.startSurvivor(world)));
    const running = worlds.length > 0 ? null : startUsual(instances);
    const seeded = await Promise.all(
      scenarios.map(async ({ play }) => {
        const [iteration] = seedIterations(stack.customVision, { projects: 1, iterationsOfEach: 1 }).all;
        await play({ clients, ask, iteration, people, stack, account, apps: ofWorlds });
        return iteration;
      }),
    );
    await running;
    if (point !== undefined && !instances.killsByPoint.has(nameOfPoint(point))) {
      throw new Error(`the process never came to ${nameOfPoint(point)}`);
    }

    await drainScenarios();
    await instances.stop();
    return checkInvariants({
      ...recorder,
      seeded,
      effects: recorder.effects.filter((effect) =>
        seeded.some(({ projectId }) => projectId === effect.projectId),
      ),
      shortestTimeoutMs:
        1000 *
        Math.min(
          ...(worlds.length === 0 ? [{}] : worlds).map(
            ({ upstreamTimeoutSeconds = UPSTREAM_TIMEOUT_SECONDS }) => upstreamTimeoutSeconds,
          ),
        ),
      rows: await readTable(account),
      asked,
    });

    /** The next request settles an expired lease; the sweep only enqueues what was accepted. */
    async function drainScenarios(): Promise<void> {
      for (const untilMs = Date.now() + TIMEOUT_MS; Date.now() < untilMs;) {
        const [{ locks, accepted }, messages] = await Promise.all([
          readUnfinished(account),
          countMessages(account),
        ]);
        if (locks.length === 0 && messages === 0) {
          if (accepted === 0) return;
          await (await instances.pick()).invoke('sweep-renames');
        }
        await Promise.all(
          locks.map(({ partitionKey: projectId, rowKey }) =>
            clients.persist(ask({ projectId, iterationId: rowKey.slice('lock|'.length) })),
          ),
        );
        await sleep(POLL_INTERVAL_MS);
      }
    }
  }
}

const nameOf = (app: number): string => `app${app}`;

/** One instance, after the first was killed where the scenario says so. */
async function startUsual(instances: Instances): Promise<void> {
  await instances.runUntilKilled();
  await instances.startSurvivor();
}
