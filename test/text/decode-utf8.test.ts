import { expect, it } from 'vitest';
import { decodeUtf8 } from '../../src/text/decode-utf8.ts';

const BOM = [0xef, 0xbb, 0xbf];

it('decodes valid UTF-8', () => {
  expect(decodeUtf8(Buffer.from('línea 3 ✓'))).toBe('línea 3 ✓');
});

it.each([
  { case: 'a lone continuation byte', bytes: [0x80] },
  { case: 'an overlong form', bytes: [0xc0, 0xaf] },
  { case: 'a surrogate', bytes: [0xed, 0xa0, 0x80] },
  { case: 'a truncated character', bytes: [0xe2, 0x9c] },
])('refuses $case', ({ bytes }) => {
  expect(decodeUtf8(new Uint8Array(bytes))).toBeNull();
});

it('drops a byte order mark unless it is asked to keep it', () => {
  const bytes = new Uint8Array([...BOM, 0x61]);
  expect(decodeUtf8(bytes)).toBe('a');
  expect(decodeUtf8(bytes, { keepBom: true })).toBe('\u{FEFF}a');
});
