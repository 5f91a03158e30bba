import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { createTrialStage, type TrialStage } from './trial-stage.ts';
import { TRIALS } from './trials.ts';

let stage: TrialStage;

beforeAll(async () => {
  stage = await createTrialStage();
}, 60_000);
afterAll(() => stage.stop());

// Mostly waiting for a quarantine to end, so all at once.
describe.concurrent('a product that', () => {
  it.each(TRIALS)('$name is caught', { timeout: 90_000 }, async (trial) => {
    const appRoot = await stage.build(trial);
    const violations = await stage.play(trial, appRoot);
    expect(violations.map(({ invariant }) => invariant)).toContain(trial.caughtBy);
  });

  it.each(TRIALS)('does not ($name) stands the same trial', { timeout: 90_000 }, async (trial) => {
    expect(await stage.play(trial, APP_ROOT)).toEqual([]);
  });
});
