import { expect, it } from 'vitest';
import { createKillPlan, KILL_POINTS, type KillPoint, nameOfPoint } from './kill-points.ts';
import { createRandom } from '../random.ts';

const plan = (seed: number, length: number) => {
  const next = createKillPlan(createRandom(seed));
  return Array.from({ length }, () => next());
};

it('plans the same kills for the same seed, and others for another', () => {
  expect(plan(1, 200)).toEqual(plan(1, 200));
  expect(plan(1, 200)).not.toEqual(plan(2, 200));
});

const names = (from: readonly { point: KillPoint }[]) =>
  from.map(({ point }) => nameOfPoint(point)).toSorted();

it('visits each point once before it visits any again', () => {
  const planned = plan(3, 2 * KILL_POINTS.length);
  const all = names(KILL_POINTS.map((point) => ({ point })));
  expect(names(planned.slice(0, KILL_POINTS.length))).toEqual(all);
  expect(names(planned.slice(KILL_POINTS.length))).toEqual(all);
});
