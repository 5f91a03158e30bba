import { expect, it } from 'vitest';
import { runMutant } from './run-mutant.ts';

const unit = { testFolder: 'test/rename/same-name.test.ts', timeoutMs: 15_000 };
const mutant = { file: 'src/rename/same-name.ts', start: 0, end: 0, replacement: '' };

it('each change of a file is tested as itself, and the file stays as it is', async () => {
  expect(await runMutant({ ...mutant, replacement: 'throw new Error("changed");' }, unit)).toBe('noticed');
  expect(await runMutant({ ...mutant, replacement: '/* the same to a machine */' }, unit)).toBe('survived');
  expect(await runMutant(null, unit)).toBe('survived');
});
