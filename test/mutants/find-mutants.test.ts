import { expect, it } from 'vitest';
import { findMutants } from './find-mutants.ts';
import { mutate } from './mutant.ts';

const mutantsOf = (source: string) =>
  findMutants('any.ts', source).map((mutant) => mutate(source, mutant).trim());

it.each([
  { source: 'a < b', mutants: ['a <= b', 'a >= b'] },
  { source: 'a === b', mutants: ['a !== b'] },
  { source: 'x = a - b', mutants: ['x = a + b', ';'] },
  { source: 'x = a && b', mutants: ['x = (a)', 'x = (b)', ';'] },
  { source: 'x = a ?? b', mutants: ['x = (a)', 'x = (b)', ';'] },
  {
    source: 'const x = !a ? b : c',
    mutants: ['const x = true ? b : c', 'const x = false ? b : c', 'const x = a ? b : c'],
  },
  { source: 'const x = 0', mutants: ['const x = 1'] },
  { source: 'const x = 60_000', mutants: ['const x = (60_000 * 2)', 'const x = (60_000 / 2)'] },
  { source: 'const x: 2 | true = true', mutants: ['const x: 2 | true = false'] },
  { source: 'if (a) throw b', mutants: ['if (true) throw b', 'if (false) throw b'] },
  { source: 'const f = () => { g(); return 1; }', mutants: ['const f = () => { ; return 1; }'] },
  { source: 'const x = Math.max(a, b)', mutants: ['const x = Math.min(a, b)'] },
])('changes $source', ({ source, mutants }) => {
  expect(mutantsOf(source)).toEqual(expect.arrayContaining(mutants));
});

it('changes no type, text or declaration', () => {
  expect(mutantsOf("interface A { readonly b: 1 | 'c' } export const d = 'e';")).toEqual([]);
});
