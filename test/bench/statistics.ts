import type { Random } from '../random.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** The smallest value that at least the share `q` of all values does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

/** A median, and where the true one lies with 95 % confidence. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * One ratio for each block. The blocks of one group were measured on the same processes: these differ from
 * start to start, so that more blocks of one group say little more.
 */
export type Ratios = readonly (readonly number[])[];

const RESAMPLES = 1000;

/** The median of all blocks, with its bootstrap interval. */
export function medianOf(ratios: Ratios, random: Random): Interval {
  return interval(median(ratios.flat()), () => resampledMedian(ratios, random));
}

/** How the ratios of one run compare with those of another: 1.1 where they are a tenth larger. */
export function quotientOf(ratios: Ratios, earlier: Ratios, random: Random): Interval {
  return interval(
    median(ratios.flat()) / median(earlier.flat()),
    () => resampledMedian(ratios, random) / resampledMedian(earlier, random),
  );
}

export type Change = 'faster' | 'slower' | 'no difference seen';

export function changeOf({ low, high }: Interval, better: 'lower' | 'higher'): Change {
  if (low <= 1 && high >= 1) return 'no difference seen';
  return low > 1 === (better === 'higher') ? 'faster' : 'slower';
}

function interval(middle: number, resample: () => number): Interval {
  const resampled = Array.from({ length: RESAMPLES }, resample);
  return { median: middle, low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
}

/** Groups are drawn with replacement, then the blocks of each. */
function resampledMedian(groups: Ratios, random: Random): number {
  const drawn = groups.flatMap(() => {
    const group = groups[random.below(groups.length)] ?? [];
    return group.map(() => group[random.below(group.length)] ?? Number.NaN);
  });
  return median(drawn);
}
