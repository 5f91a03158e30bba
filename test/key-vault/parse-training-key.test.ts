import { inspect } from 'node:util';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { anyText } from '../any-text.ts';
import type { TrainingKey } from '../../src/custom-vision/exchange-with-key.ts';
import { parseTrainingKey } from '../../src/key-vault/parse-training-key.ts';

const VALUE = `k"\\/+&=%?#<>~0123456789abcdef+/'|z`;

function parse(value: string): TrainingKey {
  const key = parseTrainingKey(value);
  if (key === null) throw new Error('no key');
  return key;
}

describe('a training key', () => {
  it.each([
    { case: 'the shortest', value: 'k'.repeat(16) },
    { case: 'the longest', value: 'k'.repeat(512) },
    { case: 'one of the service', value: '0123456789abcdef0123456789abcdef' },
  ])('may be $case', ({ value }) => {
    expect(parse(value).value).toBe(value);
  });

  it('loses the white space that pasting leaves at its ends', () => {
    expect(parse(`  ${VALUE}\r\n`).value).toBe(VALUE);
  });

  it.each([
    undefined,
    '',
    ' '.repeat(32),
    'k'.repeat(15),
    'k'.repeat(513),
    `${VALUE} ${VALUE}`,
    `${VALUE}\r\nx-more: 1`,
    `${VALUE}\u0000x`,
    `${VALUE}é`,
    `${VALUE}\u007F`,
  ])('is refused where a header cannot carry it: %j', (value) => {
    expect(parseTrainingKey(value)).toBeNull();
  });

  it('is not shown when printed or written as JSON', () => {
    const key = parse(VALUE);
    const printed = [inspect(key), inspect({ key }, { depth: 9 }), JSON.stringify({ key })];
    for (const text of printed) expect(key.appearsIn(text)).toBe(false);
    expect({ ...key }).not.toHaveProperty('value');
  });
});

const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
const percentEncoded = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const ENCODINGS: { as: string; encode: (text: string) => string }[] = [
  { as: 'itself', encode: (text) => text },
  { as: 'JSON', encode: jsonEscaped },
  { as: 'JSON in JSON', encode: (text) => jsonEscaped(jsonEscaped(text)) },
  { as: 'JSON in JSON in JSON', encode: (text) => jsonEscaped(jsonEscaped(jsonEscaped(text))) },
  {
    as: 'JSON with every character escaped',
    encode: (text) =>
      Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  },
  { as: 'a part of a URL', encode: encodeURIComponent },
  { as: 'a URL with every byte escaped', encode: percentEncoded },
  { as: 'a URL in a URL', encode: (text) => encodeURIComponent(encodeURIComponent(text)) },
  { as: 'a form', encode: (text) => new URLSearchParams({ key: text }).toString() },
  {
    as: 'XML',
    encode: (text) =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&apos;'),
  },
  {
    as: 'XML with numbers',
    encode: (text) => Array.from(text, (character) => `&#${character.charCodeAt(0)};`).join(''),
  },
  {
    as: 'XML with hex numbers',
    encode: (text) => Array.from(text, (character) => `&#x${character.charCodeAt(0).toString(16)};`).join(''),
  },
  { as: 'base64', encode: (text) => Buffer.from(text).toString('base64') },
  {
    as: 'base64 in JSON with escaped slashes',
    encode: (text) => Buffer.from(text).toString('base64').replaceAll('/', '\\/'),
  },
  { as: 'base64 in a URL', encode: (text) => encodeURIComponent(Buffer.from(text).toString('base64')) },
  { as: 'base64, one byte in', encode: (text) => Buffer.from(`:${text}!`).toString('base64') },
  { as: 'base64, two bytes in', encode: (text) => Buffer.from(`::${text}!!`).toString('base64') },
  { as: 'base64url', encode: (text) => Buffer.from(`{"key":${text}`).toString('base64url') },
  { as: 'hex', encode: (text) => Buffer.from(text).toString('hex') },
  { as: 'hex in upper case', encode: (text) => Buffer.from(text).toString('hex').toUpperCase() },
];

describe.each(ENCODINGS)('a training key written as $as', ({ encode }) => {
  it('is detected in a text', () => {
    expect(parse(VALUE).appearsIn(`the service says: ${encode(VALUE)}, no more`)).toBe(true);
  });

  test.prop([
    fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 16,
      maxLength: 90,
    }),
  ])('is detected with any characters', (value) => {
    expect(parse(value).appearsIn(encode(value))).toBe(true);
  });
});

test.prop([anyText({ maxLength: 500 })])('a training key is not detected in other text', (text) => {
  expect(parse('0123456789abcdef0123456789abcdef').appearsIn(text)).toBe(false);
});

it('a long text is searched quickly', () => {
  const key = parse(VALUE);
  const before = process.cpuUsage(); // unlike the clock, it does not count what others do on a busy machine
  for (const unit of ['%25', '\\', '&amp;', '\\u005c', 'a']) key.appearsIn(unit.repeat(32_768 / unit.length));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(200);
});
