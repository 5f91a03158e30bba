import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { anyText } from '../any-text.ts';
import { parseIdempotencyKey } from '../../src/http/idempotency-key.ts';
import { RequestError } from '../../src/http/request-error.ts';

describe('an Idempotency-Key', () => {
  it.each([
    { header: null, key: null },
    { header: '"8e03978e-40d5-43dd-bc93-6894a57f9324"', key: '8e03978e-40d5-43dd-bc93-6894a57f9324' },
    { header: '8e03978e-40d5-43dd-bc93-6894a57f9324', key: '8e03978e-40d5-43dd-bc93-6894a57f9324' },
    { header: '  "a key"  ', key: 'a key' },
    { header: String.raw`"a \"quoted\" \\ key"`, key: String.raw`a "quoted" \ key` },
    { header: String.raw`bare\backslash`, key: String.raw`bare\backslash` },
    { header: '" "', key: ' ' },
    { header: 'k'.repeat(255), key: 'k'.repeat(255) },
    { header: `"${'k'.repeat(255)}"`, key: 'k'.repeat(255) },
  ])('of $header is $key', ({ header, key }) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    '',
    ' ',
    '""',
    '"',
    '"open',
    'close"',
    'in"side',
    '"a" "b"',
    '"a", "b"',
    String.raw`"a\n"`,
    String.raw`"a\"`,
    '"é"',
    'é',
    'a\tb',
    'k'.repeat(256),
    `"${'k'.repeat(256)}"`,
  ])('of %j is refused', (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(RequestError);
  });

  test.prop([
    fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 255,
    }),
  ])('of printable ASCII is the same quoted; different keys stay different', (key) => {
    const quoted = `"${key.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
    expect(parseIdempotencyKey(quoted)).toBe(key);
  });

  test.prop([anyText()])('of any text is accepted or refused, and never crashes', (header) => {
    try {
      expect(parseIdempotencyKey(header)).toMatch(/^[\x20-\x7E]{1,255}$/);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
  });
});
