import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { isXml, preferredMediaType } from '../../src/http/negotiate.ts';

it.each([
  { accept: null, type: 'application/json' },
  { accept: '', type: 'application/json' },
  { accept: '*/*', type: 'application/json' },
  { accept: 'application/json', type: 'application/json' },
  { accept: 'application/xml', type: 'application/xml' },
  { accept: 'text/xml', type: 'text/xml' },
  { accept: 'TEXT/XML', type: 'text/xml' },
  { accept: 'text/*', type: 'text/xml' },
  { accept: 'application/*', type: 'application/json' },
  { accept: 'application/xml, application/json', type: 'application/xml' },
  { accept: 'application/xml;q=0.5, application/json', type: 'application/json' },
  { accept: 'application/json;q=0.5, text/xml;q=0.6', type: 'text/xml' },
  { accept: 'application/json;q=0, */*;q=0.1', type: 'application/xml' },
  { accept: 'application/xml;q=0, text/xml;q=0', type: 'application/json' },
  { accept: 'text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', type: 'application/xml' },
  { accept: 'image/png', type: 'application/json' },
  { accept: 'nonsense', type: 'application/json' },
  { accept: ',,;q=', type: 'application/json' },
])('answers in $type to Accept: $accept', ({ accept, type }) => {
  expect(preferredMediaType(accept)).toBe(type);
});

test.prop([fc.string()])('answers in a supported type for any Accept', (accept) => {
  const type = preferredMediaType(accept);
  expect(type === 'application/json' || isXml(type)).toBe(true);
});
