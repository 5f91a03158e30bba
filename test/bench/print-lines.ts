import { type Difference, keyOf, type Run } from './compare-runs.ts';
import { type Compared, keepsBound, type Line } from './line.ts';
import { type Interval, median } from './statistics.ts';

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
  const head = ['What', 'This proxy', 'Ratio', '95 %', 'Of', 'Bound'];
  return table([...head, ...(differences === null ? [] : ['Since then'])], rows);
}

/** Several runs of one build as one table: of each line the median of their figures, and the spread. */
export function printRuns(runs: readonly Run[]): string {
  const [first] = runs;
  const rows = (first?.lines ?? []).map((line) => {
    const same = runs.flatMap(({ lines }) => lines.filter((one) => keyOf(one) === keyOf(line)));
    const value = quantity(median(same.map((one) => one.value)), line.unit);
    const ratios = same.flatMap(({ compared }) => (compared === null ? [] : [compared.ratio.median]));
    if (line.compared === null) return [line.name, value, '', '', '', ''];
    const middle = { ...line.compared.ratio, median: median(ratios) };
    const { reference } = line.compared;
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const bound = boundCell({ ...line.compared, ratio: middle });
    return [line.name, value, `${middle.median.toFixed(2)} x`, spread, reference, bound];
  });
  return table(['What', 'This proxy', 'Ratio', `${runs.length} runs`, 'Of', 'Bound'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [format(head), format(widths.map((width) => '-'.repeat(width))), ...rows.map(format)].join('\n');
}

function comparedCells({ compared, unit }: Line): string[] {
  if (compared === null) return ['', '', '', ''];
  const { ratio, reference, referenceValue } = compared;
  return [
    `${ratio.median.toFixed(2)} x`,
    between(ratio),
    `${reference}, ${quantity(referenceValue, unit)}`,
    boundCell(compared),
  ];
}

function boundCell(compared: Compared): string {
  const { better, bound } = compared;
  if (bound === null) return '';
  return `${better === 'lower' ? '<=' : '>='} ${bound} ${keepsBound(compared) === true ? 'kept' : 'MISSED'}`;
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
