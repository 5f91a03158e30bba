import { expect, it } from 'vitest';
import { isUuid } from '../../src/text/uuid.ts';

const UUID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

it.each([UUID, UUID.toUpperCase()])('takes %s', (value) => {
  expect(isUuid(value)).toBe(true);
});

it.each([
  '',
  `${UUID}\n`,
  ` ${UUID}`,
  `{${UUID}}`,
  UUID.replaceAll('-', ''),
  `${UUID}/..`,
  UUID.replace('f', 'g'),
  null,
  7,
])('refuses %j', (value) => {
  expect(isUuid(value)).toBe(false);
});
