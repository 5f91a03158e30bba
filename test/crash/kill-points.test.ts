import { expect, it } from 'vitest';
import { createKillPlan, KILL_POINTS, type KillPoint, nameOfPoint } from './kill-points.ts';
import { createRandom } from '../random.ts';

const plan = (seed: number, length: number) => {
  const next = createKillPlan(createRandom(seed));
  return Array.from({ length }, () => next());
};

it('the same seed plans the same kills, another one others', () => {
  expect(plan(1, 200)).toEqual(plan(1, 200));
  expect(plan(1, 200)).not.toEqual(plan(2, 200));
});

const names = (from: readonly { point: KillPoint }[]) =>
  from.map(({ point }) => nameOfPoint(point)).toSorted();

it('a plan comes to each point once before it comes to any again', () => {
  const planned = plan(3, 2 * KILL_POINTS.length);
  const all = names(KILL_POINTS.map((point) => ({ point })));
  expect(names(planned.slice(0, KILL_POINTS.length))).toEqual(all);
  expect(names(planned.slice(KILL_POINTS.length))).toEqual(all);
});
