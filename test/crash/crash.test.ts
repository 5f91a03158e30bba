import { expect, it } from 'vitest';
import { type KillPoint, nameOfPoint } from './kill-points.ts';
import { runCrash } from './run-crash.ts';

/**
 * One between any two steps of a rename, a caller's and a queued one. `npm run crash` visits all points, many
 * times.
 */
const POINTS: readonly KillPoint[] = [
  { at: 'app', step: 'request', stage: 'before' },
  { at: 'far end', step: 'accept', stage: 'done' },
  { at: 'far end', step: 'enqueue', stage: 'done' },
  { at: 'far end', step: 'dequeue', stage: 'done' },
  { at: 'far end', step: 'read', stage: 'done' },
  { at: 'far end', step: 'begin', stage: 'done' },
  { at: 'app', step: 'PATCH', stage: 'before' },
  { at: 'far end', step: 'PATCH', stage: 'late' },
  { at: 'app', step: 'PATCH', stage: 'answered' },
  { at: 'far end', step: 'complete', stage: 'lost' },
  { at: 'far end', step: 'complete', stage: 'done' },
  { at: 'app', step: 'request', stage: 'answered' },
  { at: 'far end', step: 'message deletion', stage: 'lost' },
];

it('leaves no violation when processes are killed between any two steps', { timeout: 300_000 }, async () => {
  const report = await runCrash({
    kills: POINTS.length,
    seed: 1,
    points: POINTS,
    timeoutMs: 60_000,
    instances: 3,
    clients: 9,
    withSdk: false,
  });
  process.stdout.write(
    `${report.kills} killed, ${report.effects} effects, ${report.settledByState} settled by state, ${Math.round(report.tookMs / 1000)} s\n`,
  );
  expect(report.violations).toEqual([]);
  expect(Object.keys(report.killsByPoint)).toEqual(POINTS.map(nameOfPoint).toSorted());
});
