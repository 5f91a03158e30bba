import { randomBytes } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isKeyOf, parseCallerKey, parseCallerSecret } from '../../src/callers/caller-key.ts';

const SECRET = 'abcdefghijklmnopqrstuvwxyz012345';
const KEY = `line-3.${SECRET}`;
const OTHER = `line-3.${'Z_-9'.repeat(8)}`;

const shown = (text: string) => {
  const key = parseCallerKey(text);
  if (key === null) throw new Error('not a caller key');
  return key;
};

describe("a caller's secret in the vault", () => {
  it.each([
    { case: 'one key', value: KEY },
    { case: 'a key with a line end', value: `${KEY}\r\n` },
    { case: 'two keys', value: `${OTHER}\n${KEY}` },
    { case: 'white space around it', value: `  ${KEY}  ` },
  ])('is accepted with $case', ({ value }) => {
    expect(isKeyOf(parseCallerSecret(value, 'caller-line-3'), shown(KEY))).toBe(true);
  });

  it.each([
    { case: 'nothing', value: undefined },
    { case: 'an empty value', value: ' \n' },
    { case: 'a secret of 31 characters', value: `line-3.${SECRET.slice(1)}` },
    { case: 'a key of another name', value: `line-4.${SECRET}` },
    { case: 'one good key and one of another name', value: `${KEY}\nline-4.${SECRET}` },
    { case: 'one good key and one too weak', value: `${KEY}\nline-3.short` },
    { case: 'three keys', value: [KEY, OTHER, KEY].join('\n') },
    { case: 'the secret without its name', value: SECRET },
    { case: 'characters that are not base64url', value: `line-3.${'a+/='.repeat(10)}` },
  ])('is refused with $case', ({ value }) => {
    expect(parseCallerSecret(value, 'caller-line-3')).toBeNull();
  });

  it('keeps no key, only digests', () => {
    const secret = parseCallerSecret(`${KEY}\n${OTHER}`, 'caller-line-3');
    expect(JSON.stringify(secret)).not.toContain(SECRET);
    expect(secret?.digests.map(({ length }) => length)).toEqual([32, 32]);
  });

  test.prop([fc.string({ maxLength: 300 })])('fits no other text', (text) => {
    const key = parseCallerKey(text);
    expect(key !== null && text !== KEY && isKeyOf(parseCallerSecret(KEY, 'caller-line-3'), key)).toBe(false);
  });

  test.prop([fc.nat({ max: KEY.length - 1 }), fc.constantFrom('a', 'Z', '9', '_', '-', '.')])(
    'fits no key that differs in one character',
    (index, character) => {
      const text = `${KEY.slice(0, index)}${character}${KEY.slice(index + 1)}`;
      const key = parseCallerKey(text);
      const fits = key !== null && isKeyOf(parseCallerSecret(KEY, 'caller-line-3'), key);
      expect(fits).toBe(text === KEY);
    },
  );
});

it('a caller without a secret has no key', () => {
  expect(isKeyOf(null, shown(`line-3.${randomBytes(32).toString('base64url')}`))).toBe(false);
});
