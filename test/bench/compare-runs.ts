import { createRandom } from '../random.ts';
import { type Line, SEED } from './line.ts';
import { type Change, changeOf, type Interval, quotientOf } from './statistics.ts';

/** A run as it is written to a file. */
export interface Run {
  readonly lines: readonly Line[];
}

/** How one line differs between two runs. */
export interface Difference {
  readonly change: Change;
  readonly quotient: Interval;
}

/** What tells a line from all others of its run. */
export function keyOf({ name, compared }: Line): string {
  return `${name} of ${compared?.reference ?? 'nothing'}`;
}

/**
 * By its key, each line that both runs have compared with the same reference. The ratios are compared, never the
 * times: a machine that is slower today is so for both sides of a ratio.
 */
export function compareRuns(run: Run, earlier: Run): ReadonlyMap<string, Difference> {
  const differences = new Map<string, Difference>();
  for (const line of run.lines) {
    const key = keyOf(line);
    const { compared } = line;
    const before = earlier.lines.find((one) => keyOf(one) === key)?.compared ?? null;
    if (compared === null || before === null) continue;
    const quotient = quotientOf(compared.ratios, before.ratios, createRandom(SEED));
    differences.set(key, { change: changeOf(quotient, compared.better), quotient });
  }
  return differences;
}

/** Reads a file that a run has written. Throws where it is none. */
export function parseRun(text: string): Run {
  const parsed: unknown = JSON.parse(text);
  if (!isRun(parsed)) throw new TypeError('not a file of this benchmark: it has no lines');
  return parsed;
}

function isRun(value: unknown): value is Run {
  return (
    typeof value === 'object' &&
    value !== null &&
    'lines' in value &&
    Array.isArray(value.lines) &&
    value.lines.every((line: unknown) => typeof line === 'object' && line !== null && 'compared' in line)
  );
}
