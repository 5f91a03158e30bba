import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionApp } from '../stack/function-app.ts';
import { KILLED_ITSELF, type KillStep } from './instance-mark.ts';
import { nameOfPoint, type PlannedKill } from './kill-points.ts';
import type { Random } from '../random.ts';
import type { KillAt } from './watch-far-ends.ts';
import type { World } from './world.ts';

/** One instance, from its start until it is killed. */
interface InstanceState {
  readonly planned: PlannedKill | null;
  app: FunctionApp | null;
  passed: number;
  /** The name of the point where it was killed; null while it runs. */
  killedBy: string | null;
}

export interface Instances {
  /**
   * Keeps `concurrent` instances running, restarts each one that is killed, and resolves after `kills` kills.
   */
  runUntilKilled(): Promise<void>;
  /** Starts an instance that is not killed. */
  startSurvivor(world?: World): Promise<FunctionApp>;
  /** Stops the running instances gracefully. */
  stop(): Promise<void>;
  /** A running instance, as soon as there is one. */
  pick(): Promise<FunctionApp>;
  readonly killAt: KillAt;
  /** Kills so far, by point. */
  readonly killsByPoint: ReadonlyMap<string, number>;
}

const MAX_RANDOM_LIFETIME_MS = 1000;

export function createInstances({
  name,
  start,
  kills,
  concurrent,
  planKill,
  timeoutMs,
  random,
  nextWorld,
  isOverTime,
}: {
  /** Prefix of the instances' marks. */
  readonly name: string;
  readonly start: (mark: string, killStep: KillStep | null, world: World) => Promise<FunctionApp>;
  readonly kills: number;
  readonly concurrent: number;
  readonly planKill: () => PlannedKill;
  /** An instance that has not reached its point after this time is killed where it is. */
  readonly timeoutMs: number;
  readonly random: Random;
  /** The world of the next instance. */
  readonly nextWorld: () => World;
  /** True: start no more instances. */
  readonly isOverTime: () => boolean;
}): Instances {
  const instances = new Map<string, InstanceState>();
  const killsByPoint = new Map<string, number>();
  let begun = 0;
  let marks = 0;

  return { runUntilKilled, startSurvivor, stop, pick, killAt, killsByPoint };

  async function runUntilKilled(): Promise<void> {
    await Promise.all(
      Array.from({ length: concurrent }, async () => {
        while (begun < kills && !isOverTime()) {
          begun += 1;
          await runOnce(planKill());
        }
      }),
    );
  }

  async function runOnce(planned: PlannedKill): Promise<void> {
    const { point } = planned;
    const mark = newMark();
    const instance: InstanceState = { planned, app: null, passed: 0, killedBy: null };
    instances.set(mark, instance);
    const killStep = point.at === 'app' ? { ...point, after: planned.after } : null;
    const app = await start(mark, killStep, nextWorld()).catch((error: unknown) => {
      // It may reach its point before it is up: it listens to queues from the start.
      if (!(error instanceof Error && error.message.includes(KILLED_ITSELF))) throw error;
      return null;
    });
    if (app !== null) {
      if (planned.isWarm) await warmUp(app);
      instance.app = app;
      const isRandom = point.at === 'random moment';
      const lifetimeMs = isRandom ? random.below(MAX_RANDOM_LIFETIME_MS) : timeoutMs;
      const timer = setTimeout(() => kill(instance, 'random moment'), lifetimeMs);
      const { signal } = await app.exited;
      clearTimeout(timer);
      if (signal !== 'SIGKILL') throw new Error(`an instance exited by itself:\n${app.output()}`);
    }
    instances.delete(mark);
    const pointName = instance.killedBy ?? nameOfPoint(point);
    killsByPoint.set(pointName, (killsByPoint.get(pointName) ?? 0) + 1);
  }

  function newMark(): string {
    marks += 1;
    return `${name}-${marks}`;
  }

  function kill(instance: InstanceState, pointName: string): void {
    if (instance.killedBy !== null || instance.app === null) return;
    instance.killedBy = pointName;
    instance.app.kill('SIGKILL');
  }

  async function startSurvivor(world = nextWorld()): Promise<FunctionApp> {
    const mark = newMark();
    const app = await start(mark, null, world);
    instances.set(mark, { planned: null, app, passed: 0, killedBy: null });
    return app;
  }

  async function stop(): Promise<void> {
    await Promise.all([...instances.values()].map(async ({ app }) => app?.stop()));
    instances.clear();
  }

  async function pick(): Promise<FunctionApp> {
    for (;;) {
      const up = [...instances.values()].flatMap(({ app, killedBy }) =>
        app === null || killedBy !== null ? [] : [app],
      );
      const [first] = random.shuffled(up);
      if (first !== undefined) return first;
      await sleep(20);
    }
  }

  async function killAt(...[mark, step, stage]: Parameters<KillAt>): Promise<boolean> {
    const instance = instances.get(mark);
    if (instance === undefined || instance.app === null || instance.killedBy !== null) return false;
    const { planned } = instance;
    const isHere =
      planned?.point.at === 'far end' && planned.point.step === step && planned.point.stage === stage;
    if (!isHere) return false;
    instance.passed += 1;
    if (instance.passed <= planned.after) return false;
    kill(instance, nameOfPoint(planned.point));
    await instance.app.exited;
    return true;
  }
}

/** Makes it fetch the training key before its first request. */
async function warmUp(app: FunctionApp): Promise<void> {
  await fetch(`${app.url}/health`).catch(() => {});
}
