import { expect, it } from 'vitest';
import { findCanary } from './canary.ts';

const SECRET = `k"\\/+&=%?#<>~0123456789abcdef+/'|z`;

it.each([
  { case: 'raw', text: `error: ${SECRET}!`, name: 'raw' },
  { case: 'a query', text: `https://host/?key=${encodeURIComponent(SECRET)}`, name: 'url' },
  { case: 'a form', text: new URLSearchParams({ key: SECRET }).toString(), name: 'url' },
  { case: 'JSON', text: JSON.stringify({ key: SECRET }), name: 'json' },
  { case: 'JSON in JSON', text: JSON.stringify({ body: JSON.stringify({ key: SECRET }) }), name: 'json' },
  {
    case: 'XML',
    text: `<key>${SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</key>`,
    name: 'xml',
  },
  { case: 'base64', text: btoa(SECRET), name: 'base64' },
  { case: 'base64 of something longer', text: btoa(`key=${SECRET};`), name: 'base64' },
  { case: 'base64 at another offset', text: btoa(`a=b&key=${SECRET};`), name: 'base64' },
  { case: 'base64url', text: Buffer.from(`{"key":"${SECRET}"}`).toString('base64url'), name: 'base64' },
  { case: 'hex', text: Buffer.from(SECRET).toString('hex'), name: 'hex' },
])('finds a secret in $case', ({ text, name }) => {
  expect(findCanary(SECRET, text)).toContain(name);
});

it('finds nothing where there is nothing', () => {
  expect(findCanary(SECRET, 'k"\\/+&=%?#<>~ 0123456789abcdef')).toEqual([]);
});
