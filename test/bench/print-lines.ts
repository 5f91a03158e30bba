import { type Difference, keyOf } from './compare-runs.ts';
import { keepsBound, type Line } from './line.ts';
import type { Interval } from './statistics.ts';

/** All lines as one table in Markdown; with a column more where they were compared with an earlier run. */
export function printLines(
  lines: readonly Line[],
  differences: ReadonlyMap<string, Difference> | null,
): string {
  const rows = lines.map((line) => [
    line.name,
    quantity(line.value, line.unit),
    ...comparedCells(line),
    ...(differences === null ? [] : [differenceCell(differences.get(keyOf(line)))]),
  ]);
  const head = [
    'What',
    'This proxy',
    'Ratio',
    '95 %',
    'Of',
    'Bound',
    ...(differences === null ? [] : ['Since then']),
  ];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [format(head), format(widths.map((width) => '-'.repeat(width))), ...rows.map(format)].join('\n');
}

function comparedCells({ compared, unit }: Line): string[] {
  if (compared === null) return ['', '', '', ''];
  const { ratio, reference, referenceValue, better, bound } = compared;
  const isKept = keepsBound(compared) === true;
  return [
    `${ratio.median.toFixed(2)} x`,
    between(ratio),
    `${reference}, ${quantity(referenceValue, unit)}`,
    bound === null ? '' : `${better === 'lower' ? '<=' : '>='} ${bound} ${isKept ? 'kept' : 'MISSED'}`,
  ];
}

function differenceCell(difference: Difference | undefined): string {
  if (difference === undefined) return '';
  const { change, quotient } = difference;
  return `${change}: ${quotient.median.toFixed(2)} (${between(quotient)})`;
}

function between({ low, high }: Interval): string {
  return `${low.toFixed(2)} to ${high.toFixed(2)}`;
}

function quantity(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit.startsWith('/') ? '' : ' '}${unit}`.trimEnd();
}
