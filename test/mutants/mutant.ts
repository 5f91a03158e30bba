/** One change of one place in a source file. */
export interface Mutant {
  /** From the root of the checkout. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Tells the tests' process which change to make. */
export const MUTANT_VARIABLE = 'MUTANT';

export function mutate(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** Null where there is none: then the tests run against the source as it is. */
export function parseMutant(text: string | undefined): Mutant | null {
  if (text === undefined) return null;
  const { file, start, end, replacement } = Object(JSON.parse(text));
  return { file: String(file), start: Number(start), end: Number(end), replacement: String(replacement) };
}
