import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createRenameId, isRenameId } from '../../src/rename/rename-id.ts';

it('sorts the newest first, as text', () => {
  const ids = [1, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000].map((ms) =>
    createRenameId(ms, randomBytes(10)),
  );
  expect(ids.toSorted()).toEqual(ids.toReversed());
});

it('is 13 digits, a hyphen and 10 base32 characters', () => {
  expect(createRenameId(1_700_000_000_000, new Uint8Array(10))).toBe('8299999999999-aaaaaaaaaa');
});

it('keeps its length in times to come, when the count has fewer digits', () => {
  expect(createRenameId(9_999_999_999_998, new Uint8Array(10))).toBe('0000000000001-aaaaaaaaaa');
});

it('has a character for each of ten random bytes', () => {
  const bytes = Uint8Array.of(0, 1, 25, 26, 31, 32, 63, 128, 254, 255, 7);
  expect(createRenameId(0, bytes)).toBe('9999999999999-abz27a7a67');
});

it.each([
  { case: 'its own', id: createRenameId(Date.now(), randomBytes(10)), is: true },
  { case: 'a longer one', id: '8299999999999-aaaaaaaaaaa', is: false },
  { case: 'another alphabet', id: '8299999999999-AAAAAAAAAA', is: false },
  { case: 'a key prefix', id: 'rename|8299999999999-aaaaaaaaaa', is: false },
])('knows $case: $is', ({ id, is }) => {
  expect(isRenameId(id)).toBe(is);
});
