import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { BROKEN_VARIANTS } from './broken-variants.ts';
import { createScenarioRunner, type ScenarioRunner } from './scenario-runner.ts';
import { ANSWERS_LOST_AT_THE_END, type Scenario } from './scenarios.ts';

/** Takes seconds, more on a busy machine. */
const TIMEOUT_MS = 240_000;

let runner: ScenarioRunner;
let appRoots: string[];

beforeAll(async () => {
  runner = await createScenarioRunner();
  appRoots = await runner.build(BROKEN_VARIANTS.map(({ replacement }) => replacement));
}, TIMEOUT_MS);
afterAll(() => runner.stop());

// Concurrent: most of the time is waiting for leases to expire.
describe.concurrent('the judge', () => {
  it.each(BROKEN_VARIANTS.map((variant, index) => ({ ...variant, index })))(
    'catches a product that $name',
    { timeout: TIMEOUT_MS },
    async ({ index, scenario, caughtBy }) => {
      const violations = await runner.run([scenario], appRoots[index] ?? '');
      expect(violations.map(({ invariant }) => invariant)).toContain(caughtBy);
    },
  );

  const scenarios = [...new Set(BROKEN_VARIANTS.map(({ scenario }) => scenario)), ...ANSWERS_LOST_AT_THE_END];
  const alone = scenarios.filter(isAlone).map((one) => [one]);
  const others = scenarios.filter((one) => !isAlone(one));

  it.each([others, ...alone].map((together) => ({ together })))(
    'finds no violation in the product after the same scenarios, or an answer lost at the end ($together.length together)',
    { timeout: TIMEOUT_MS },
    async ({ together }) => {
      expect(await runner.run(together, APP_ROOT)).toEqual([]);
    },
  );
});

/** It needs instances of its own. */
function isAlone({ kill, worlds }: Scenario): boolean {
  return kill !== undefined || worlds !== undefined;
}
