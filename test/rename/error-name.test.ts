import { expect, it } from 'vitest';
import { errorName } from '../../src/rename/error-name.ts';

it.each([
  [new TypeError('a secret'), 'TypeError'],
  ['a secret', 'string'],
  [null, 'object'],
])('is without the words of what was thrown: %s', (thrown, name) => {
  expect(errorName(thrown)).toBe(name);
});
