import { expect, it } from 'vitest';
import { runMutant } from './run-mutant.ts';

const unit = { testFolder: 'test/rename/same-name.test.ts', timeoutMs: 15_000 };
const mutant = { file: 'src/rename/same-name.ts', start: 0, end: 0, replacement: '' };

const verdictOf = async (replacement: string | null) =>
  (await runMutant(replacement === null ? null : { ...mutant, replacement }, unit)).verdict;

it('each change of a file is tested as itself, and the file stays as it is', async () => {
  expect(await verdictOf('throw new Error("changed");')).toBe('noticed');
  expect(await verdictOf('/* the same to a machine */')).toBe('survived');
  expect(await verdictOf(null)).toBe('survived');
});
