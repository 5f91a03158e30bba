import { createRandom } from '../random.ts';
import { type Interval, median, medianOf, type Ratios } from './statistics.ts';

/** One line of the result. Without a reference it is a count or a part: nothing that depends on chance. */
export interface Line {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly compared: Compared | null;
}

/** Measured in turns with a reference of the same run, so that the machine's speed cancels out. */
export interface Compared {
  readonly reference: string;
  readonly referenceValue: number;
  readonly better: 'lower' | 'higher';
  readonly ratio: Interval;
  /** What the ratio must keep, where it must keep anything. */
  readonly bound: number | null;
  readonly ratios: Ratios;
}

/** What one block has measured. */
export interface Pair {
  readonly value: number;
  readonly reference: number;
}

/** Always the same resamples: a run compared with itself shows no difference. */
export const SEED = 18;

export function fact(name: string, value: number, unit: string): Line {
  return { name, unit, value, compared: null };
}

export function compared({
  pairs,
  ...line
}: {
  readonly name: string;
  readonly unit: string;
  readonly reference: string;
  readonly better: 'lower' | 'higher';
  readonly bound?: number;
  /** In groups of blocks that were measured on the same processes. */
  readonly pairs: readonly (readonly Pair[])[];
}): Line {
  const ratios = pairs.map((group) => group.map(({ value, reference }) => value / reference));
  const { name, unit, reference, better, bound = null } = line;
  return {
    name,
    unit,
    value: median(pairs.flat().map(({ value }) => value)),
    compared: {
      reference,
      referenceValue: median(pairs.flat().map((pair) => pair.reference)),
      better,
      ratio: medianOf(ratios, createRandom(SEED)),
      bound,
      ratios,
    },
  };
}

/** Whether the ratio keeps its bound; null where there is none. */
export function keepsBound({ better, ratio, bound }: Compared): boolean | null {
  if (bound === null) return null;
  return better === 'lower' ? ratio.median <= bound : ratio.median >= bound;
}
