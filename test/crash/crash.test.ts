import { expect, it } from 'vitest';
import { runCrash } from './run-crash.ts';

/** The long one is `npm run crash`. */
const KILLS = 10;

it('a short run of kills leaves nothing wrong', { timeout: 300_000 }, async () => {
  const report = await runCrash({ kills: KILLS, seed: 1, instances: 3, clients: 9 });
  process.stdout.write(
    `${report.kills} killed, ${report.effects} effects, ${report.settledByState} settled by state, ${Math.round(report.tookMs / 1000)} s\n`,
  );
  expect(report.violations).toEqual([]);
  expect(report.kills).toBe(KILLS);
  expect(report.effects).toBeGreaterThan(0);
  expect(Object.keys(report.killsByPoint).length).toBeGreaterThan(1);
});
