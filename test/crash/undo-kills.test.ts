import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { type KillPoint, nameOfPoint } from './kill-points.ts';
import { createScenarioRunner, type ScenarioRunner } from './scenario-runner.ts';
import { UNDO_KILLED } from './undo-scenarios.ts';

/** Takes seconds, more on a busy machine. */
const TIMEOUT_MS = 240_000;
const RANDOM: KillPoint = { at: 'random moment' };

let runner: ScenarioRunner;
beforeAll(async () => {
  runner = await createScenarioRunner();
}, TIMEOUT_MS);
afterAll(() => runner.stop());

// Concurrent: most of the time is waiting for leases to expire.
describe.concurrent('an undo takes place once, and in the end, where its process is killed at', () => {
  it.each(UNDO_KILLED.map((scenario) => ({ scenario, point: nameOfPoint(scenario.kill ?? RANDOM) })))(
    '$point',
    { timeout: TIMEOUT_MS },
    async ({ scenario }) => {
      expect(await runner.run([scenario], APP_ROOT)).toEqual([]);
    },
  );
});
