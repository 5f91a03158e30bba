import { fc } from '@fast-check/vitest';

const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any character, as by the unit `binary`, which would first make a table of all 1.1 million of them in
 * each process: a second of work.
 */
const anyCharacter = fc.nat({ max: 0x10ffff - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.from ? index : index + SURROGATES.count),
  (text) => {
    const codePoint = typeof text === 'string' ? text.codePointAt(0) : undefined;
    if (codePoint === undefined || text !== String.fromCodePoint(codePoint))
      throw new TypeError('not one character');
    return codePoint < SURROGATES.from ? codePoint : codePoint - SURROGATES.count;
  },
);

/** Text of any characters, the words among it on which JavaScript programs trip. */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}
