import { expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { changeOf, median, medianOf, quantile, quotientOf, type Ratios } from './statistics.ts';

/** Ratios as three starts of a program give them: noise in each block, and some from start to start. */
function noisy(seed: number, middle: number, noise = 0.05): Ratios {
  const random = createRandom(seed);
  const around = () => 1 + noise * (random.next() + random.next() - 1);
  return Array.from({ length: 3 }, () => {
    const start = 1 + (around() - 1) / 3;
    return Array.from({ length: 6 }, () => middle * start * around());
  });
}

function widthOf(ratios: Ratios): number {
  const { low, high } = medianOf(ratios, createRandom(1));
  return high - low;
}

it('takes the middle of an odd number of values, and halfway between the two of an even number', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

it('takes for a quantile the smallest value that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(quantile([7], 0.5)).toBe(7);
});

it('has the true ratio in its interval about 95 times of 100', () => {
  const misses = Array.from({ length: 40 }, (_, seed) =>
    medianOf(noisy(seed, 1.2), createRandom(seed)),
  ).filter(({ low, high }) => low > 1.2 || high < 1.2);
  expect(misses.length).toBeLessThan(7);
});

it('has a wider interval where there is more noise', () => {
  expect(widthOf(noisy(1, 1, 0.2))).toBeGreaterThan(2 * widthOf(noisy(1, 1, 0.02)));
});

it('takes blocks of one start for less than as many starts', () => {
  const apart = [1, 1.1, 1.2, 1.3, 1.4, 1.5];
  const manyStarts = apart.map((ratio) => [ratio]);
  const twoStarts = [apart.slice(0, 3), apart.slice(3)];
  expect(widthOf(twoStarts)).toBeGreaterThan(widthOf(manyStarts));
});

it('sees no difference between a run and itself, or another run of the same', () => {
  const same = noisy(1, 1.1);
  expect(changeOf(quotientOf(same, same, createRandom(1)), 'lower')).toBe('no difference seen');
  const seen = Array.from({ length: 40 }, (_, seed) =>
    changeOf(quotientOf(noisy(seed, 1.1), noisy(seed + 1000, 1.1), createRandom(seed)), 'lower'),
  ).filter((change) => change !== 'no difference seen');
  expect(seen.length).toBeLessThan(6);
});

it.each([
  { factor: 1.1, better: 'lower', change: 'slower' },
  { factor: 0.9, better: 'lower', change: 'faster' },
  { factor: 1.1, better: 'higher', change: 'faster' },
  { factor: 0.9, better: 'higher', change: 'slower' },
] as const)('sees a change by a tenth: $factor of what is better $better', ({ factor, better, change }) => {
  const changes = Array.from({ length: 5 }, (_, seed) =>
    changeOf(quotientOf(noisy(seed, 1.2 * factor), noisy(seed + 1000, 1.2), createRandom(seed)), better),
  );
  expect(new Set(changes)).toEqual(new Set([change]));
});
