import { expect, it } from 'vitest';
import { createFunctionKeyAuthentication } from '../../src/callers/function-key.ts';

it.each([
  { case: 'no name', header: null, name: null },
  { case: 'white space', header: '  ', name: null },
  { case: 'a name', header: 'nightly-build', name: 'unverified:nightly-build' },
  { case: 'a name that poses as verified', header: 'entra:42', name: 'unverified:entra:42' },
  { case: 'control characters', header: 'a\u0000\u001B[31mb', name: 'unverified:a[31mb' },
  { case: 'a very long name', header: `a${'x'.repeat(5000)}`, name: `unverified:a${'x'.repeat(99)}` },
])("records the caller's name as unverified: $case", async ({ header, name }) => {
  const authenticate = createFunctionKeyAuthentication();
  const { caller, ids } = await authenticate({
    header: (asked) => (asked === 'x-client-name' ? header : null),
  });
  expect(caller).toEqual({ kind: 'function-key', id: 'function-key', name });
  expect(ids).toEqual(['function-key']);
});
