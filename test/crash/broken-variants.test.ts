import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ROOT } from '../stack/stack.ts';
import { BROKEN_VARIANTS } from './broken-variants.ts';
import { createProvocationStage, type ProvocationStage } from './provocation-stage.ts';

/** Seconds, unless other work keeps this machine busy. */
const TIMEOUT_MS = 240_000;

let stage: ProvocationStage;

beforeAll(async () => {
  stage = await createProvocationStage();
}, TIMEOUT_MS);
afterAll(() => stage.stop());

// Most of it is waiting for a quarantine to end.
describe.concurrent('the judge', () => {
  it.each(BROKEN_VARIANTS)(
    'catches a product that $name',
    { timeout: TIMEOUT_MS },
    async ({ replacement, provocation, caughtBy }) => {
      const violations = await stage.provoke([provocation], await stage.build(replacement));
      expect(violations.map(({ invariant }) => invariant)).toContain(caughtBy);
    },
  );

  const provocations = [...new Set(BROKEN_VARIANTS.map(({ provocation }) => provocation))];
  const killing = provocations.filter(({ kill }) => kill !== undefined).map((one) => [one]);
  const others = provocations.filter(({ kill }) => kill === undefined);

  it.each([others, ...killing].map((together) => ({ together })))(
    'finds nothing wrong with the product after the same ($together.length of them together)',
    { timeout: TIMEOUT_MS },
    async ({ together }) => {
      expect(await stage.provoke(together, APP_ROOT)).toEqual([]);
    },
  );
});
