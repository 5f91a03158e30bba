import { expect, it } from 'vitest';
import { compareRuns, parseRun, type Run } from './compare-runs.ts';
import { compared, fact, type Pair } from './line.ts';
import { printLines, printRuns } from './print-lines.ts';

/** A run on a machine of this speed, with a product of these latencies against a reference of 10 ms. */
function runOf({ machine, product }: { machine: number; product: number }): Run {
  const pairs = Array.from({ length: 3 }, (_, start) =>
    Array.from({ length: 5 }, (_block, block): Pair => {
      const noise = 1 + ((start * 5 + block * 7) % 11) / 500;
      return { value: machine * product * noise, reference: machine * 10 };
    }),
  );
  const common = { name: 'latency', unit: 'ms', better: 'lower', pairs } as const;
  return {
    lines: [
      compared({ ...common, reference: 'the floor', bound: 1.15 }),
      compared({ ...common, reference: 'the SDK' }),
      fact('a rename: storage requests', 2, ''),
    ],
  };
}

const changesOf = (run: Run, earlier: Run) =>
  [...compareRuns(run, earlier)].map(([key, { change }]) => `${key}: ${change}`);

it('sees no difference between a run and itself, read back from its file', () => {
  const run = runOf({ machine: 1, product: 12 });
  expect(changesOf(run, parseRun(JSON.stringify(run)))).toEqual([
    'latency of the floor: no difference seen',
    'latency of the SDK: no difference seen',
  ]);
});

it('takes a slower machine for no difference', () => {
  const changes = changesOf(runOf({ machine: 3, product: 12 }), runOf({ machine: 1, product: 12 }));
  expect(changes).toContain('latency of the floor: no difference seen');
});

it('sees a product that is a tenth slower, on a machine that is faster', () => {
  const changes = changesOf(runOf({ machine: 0.5, product: 13.2 }), runOf({ machine: 1, product: 12 }));
  expect(changes).toContain('latency of the floor: slower');
});

it('compares no line that the earlier run has not', () => {
  const run = runOf({ machine: 1, product: 12 });
  const earlier = { lines: run.lines.filter(({ compared: with_ }) => with_?.reference !== 'the SDK') };
  expect(changesOf(run, earlier)).toEqual(['latency of the floor: no difference seen']);
});

it('refuses a file that no run has written', () => {
  expect(() => parseRun('{"latency":[]}')).toThrow('not a file of this benchmark');
});

it('prints one table, with what was missed and what has changed', () => {
  const run = runOf({ machine: 1, product: 12 });
  const table = printLines(run.lines, compareRuns(run, runOf({ machine: 1, product: 10 })));
  expect(table).toMatch(
    /\| latency +\| 12\.\d ms +\| 1\.2\d x \|.*the floor, 10 ms.*<= 1\.15 MISSED.*slower/,
  );
  expect(table).toMatch(/\| a rename: storage requests +\| 2 +\| +\|/);
});

it('prints several runs as one table: the median of their ratios, and the spread', () => {
  const runs = [11, 13, 12].map((product) => runOf({ machine: 1, product }));
  expect(printRuns(runs)).toMatch(
    /\| latency +\| 12\.\d ms +\| 1\.2\d x \| 1\.1\d to 1\.3\d \| the floor +\| <= 1\.15 MISSED \|/,
  );
});
