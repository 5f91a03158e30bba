import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionApp } from '../stack/function-app.ts';
import { KILLED_ITSELF, type StepToDieAt } from './instance-mark.ts';
import { nameOfPoint, type PlannedKill } from './kill-points.ts';
import type { Random } from '../random.ts';
import type { Strike } from './watch-far-ends.ts';

/** One instance from its start to its death. */
interface Life {
  readonly planned: PlannedKill | null;
  app: FunctionApp | null;
  passed: number;
  /** What it died of, once it is dying. */
  diesOf: string | null;
}

export interface Instances {
  /** Keeps `atATime` instances up, each of them until it is killed, and goes on until `kills` have been. */
  liveAndDie(): Promise<void>;
  /** Starts one that nobody kills. */
  startSurvivor(): Promise<void>;
  /** Ends those that are still up, in good order. */
  stop(): Promise<void>;
  /** One that is up just now, as soon as there is one. */
  pick(): Promise<FunctionApp>;
  readonly strike: Strike;
  /** How many have died so far, by what they died of. */
  readonly deaths: ReadonlyMap<string, number>;
}

const LONGEST_RANDOM_LIFE_MS = 1000;

export function createInstances({
  name,
  start,
  kills,
  atATime,
  planKill,
  patienceMs,
  random,
  isTooLate,
}: {
  /** What their marks begin with. */
  readonly name: string;
  readonly start: (mark: string, dieAt: StepToDieAt | null) => Promise<FunctionApp>;
  readonly kills: number;
  readonly atATime: number;
  readonly planKill: () => PlannedKill;
  /** Who has not come by its point in this time dies at whatever it does just then. */
  readonly patienceMs: number;
  readonly random: Random;
  /** No more lives are begun from then on. */
  readonly isTooLate: () => boolean;
}): Instances {
  const lives = new Map<string, Life>();
  const deaths = new Map<string, number>();
  let begun = 0;
  let marks = 0;

  return { liveAndDie, startSurvivor, stop, pick, strike, deaths };

  async function liveAndDie(): Promise<void> {
    await Promise.all(
      Array.from({ length: atATime }, async () => {
        while (begun < kills && !isTooLate()) {
          begun += 1;
          await liveOnce(planKill());
        }
      }),
    );
  }

  async function liveOnce(planned: PlannedKill): Promise<void> {
    const { point } = planned;
    const mark = newMark();
    const life: Life = { planned, app: null, passed: 0, diesOf: null };
    lives.set(mark, life);
    const dieAt = point.at === 'app' ? { ...point, after: planned.after } : null;
    const app = await start(mark, dieAt).catch((error: unknown) => {
      // It may have got there before it was up: queues are listened to from the start.
      if (!(error instanceof Error && error.message.includes(KILLED_ITSELF))) throw error;
      return null;
    });
    if (app !== null) {
      if (planned.isWarm) await warmUp(app);
      life.app = app;
      const isRandom = point.at === 'random moment';
      const livesMs = isRandom ? random.below(LONGEST_RANDOM_LIFE_MS) : patienceMs;
      const timer = setTimeout(() => kill(life, 'random moment'), livesMs);
      const { signal } = await app.exited;
      clearTimeout(timer);
      if (signal !== 'SIGKILL') throw new Error(`an instance ended by itself:\n${app.output()}`);
    }
    lives.delete(mark);
    const cause = life.diesOf ?? nameOfPoint(point);
    deaths.set(cause, (deaths.get(cause) ?? 0) + 1);
  }

  function newMark(): string {
    marks += 1;
    return `${name}-${marks}`;
  }

  function kill(life: Life, cause: string): void {
    if (life.diesOf !== null || life.app === null) return;
    life.diesOf = cause;
    life.app.kill('SIGKILL');
  }

  async function startSurvivor(): Promise<void> {
    const mark = newMark();
    lives.set(mark, { planned: null, app: await start(mark, null), passed: 0, diesOf: null });
  }

  async function stop(): Promise<void> {
    await Promise.all([...lives.values()].map(async ({ app }) => app?.stop()));
    lives.clear();
  }

  async function pick(): Promise<FunctionApp> {
    for (;;) {
      const up = [...lives.values()].flatMap(({ app, diesOf }) =>
        app === null || diesOf !== null ? [] : [app],
      );
      const [first] = random.shuffled(up);
      if (first !== undefined) return first;
      await sleep(20);
    }
  }

  async function strike(...[mark, step, stage]: Parameters<Strike>): Promise<boolean> {
    const life = lives.get(mark);
    if (life === undefined || life.app === null || life.diesOf !== null) return false;
    const { planned } = life;
    const isHere =
      planned?.point.at === 'far end' && planned.point.step === step && planned.point.stage === stage;
    if (!isHere) return false;
    life.passed += 1;
    if (life.passed <= planned.after) return false;
    kill(life, nameOfPoint(planned.point));
    await life.app.exited;
    return true;
  }
}

/** It then has a training key, and need not keep its first callers waiting for one. */
async function warmUp(app: FunctionApp): Promise<void> {
  await fetch(`${app.url}/health`).catch(() => {});
}
