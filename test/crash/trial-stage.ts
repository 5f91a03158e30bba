import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileHost } from '../stack/compile-host.ts';
import { startStack } from '../stack/stack.ts';
import { createAskList } from './ask-list.ts';
import { buildVariant } from './build-variant.ts';
import { checkInvariants, type Violation } from './check-invariants.ts';
import { createClients } from './clients.ts';
import { compilePreload } from './compile-preload.ts';
import { createInstances, type Instances } from './instances.ts';
import { seedIterations } from './iterations.ts';
import { createRandom } from './random.ts';
import { readTable } from './read-table.ts';
import { createRecorder } from './recorder.ts';
import { crashSettings, WEBHOOK_SECRET } from './settings.ts';
import { countMessages } from './settle.ts';
import { startInstance } from './start-instance.ts';
import type { Trial } from './trials.ts';
import { watchFarEnds } from './watch-far-ends.ts';

/** One stack for all trials; each has a project and instances of its own, so that any number can go on at once. */
export interface TrialStage {
  /** What the judge finds wrong with a built app. */
  play(trial: Trial, appRoot: string): Promise<Violation[]>;
  /** Builds the product broken in the trial's way; resolves to its app root. */
  build(trial: Trial): Promise<string>;
  stop(): Promise<void>;
}

/** Under load an instance may take its time to get where it is to die. */
const PATIENCE_MS = 30_000;
const SETTLE_WITHIN_MS = 20_000;

export async function createTrialStage(): Promise<TrialStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rename-trials-'));
  const stack = await startStack({
    settings: {
      ...crashSettings({ upstreamTimeoutSeconds: 1 }),
      // What is left behind is settled by the next request that meets it: a sweep would look into the other trials' projects.
      'AzureWebJobs.reconcile-renames.Disabled': 'true',
    },
  });
  stack.keyVault.setSecret(WEBHOOK_SECRET.name, WEBHOOK_SECRET.value);
  const [host, preload] = await Promise.all([compileHost(folder), compilePreload(folder)]);
  const recorder = createRecorder();
  const played = new Map<string, Instances>();
  watchFarEnds({
    stack,
    recorder,
    strike: async (mark, step, stage) =>
      (await played.get(mark.split('-')[0] ?? '')?.strike(mark, step, stage)) ?? false,
  });

  return {
    build: ({ replacement }) => buildVariant(replacement, path.join(folder, replacement.by)),
    play,
    async stop() {
      await stack.stop();
      await rm(folder, { recursive: true });
    },
  };

  async function play(trial: Trial, appRoot: string): Promise<Violation[]> {
    const { kill, fault, needsQueue = false } = trial;
    const [iteration] = seedIterations(stack.customVision, { projects: 1, iterationsOfEach: 1 }).all;
    const name = `trial${played.size}`;
    const random = createRandom(played.size);
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
      kills: kill === undefined ? 0 : 1,
      atATime: 1,
      planKill: () => ({ point: kill ?? { at: 'random moment' }, after: 0, isWarm: true }),
      patienceMs: PATIENCE_MS,
      random,
      isTooLate: () => false,
    });
    played.set(name, instances);
    const clients = createClients({ instances, webhookSecret: WEBHOOK_SECRET.value });
    const { asked, ask } = createAskList();
    fault?.(stack, iteration);

    const living = instances.liveAndDie().then(() => instances.startSurvivor());
    await trial.play(clients, ask, iteration);
    await living;

    const read = () => readTable(stack.azurite, `PartitionKey eq '${iteration.projectId}'`);
    const untilMs = Date.now() + SETTLE_WITHIN_MS;
    while (Date.now() < untilMs) {
      const isLocked = (await read()).some(({ rowKey }) => rowKey.startsWith('lock|'));
      if (isLocked) await clients.persist(ask(iteration));
      else if (!needsQueue || (await countMessages(stack)) === 0) break;
      await sleep(200);
    }
    await instances.stop();
    return checkInvariants({
      begins: recorder.begins,
      effects: recorder.effects.filter(({ projectId }) => projectId === iteration.projectId),
      rows: await read(),
      asked,
    });
  }
}
