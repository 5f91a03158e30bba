import { expect, it } from 'vitest';
import { CALLER_KEY_CHALLENGE } from '../../src/callers/caller-key-authentication.ts';
import { CallerError } from '../../src/callers/caller-error.ts';
import { createTokenOrKeyAuthentication } from '../../src/callers/token-or-key.ts';

const refuse = (error: Error) => async () => {
  throw error;
};

/** What a request with these headers is refused with. */
const refusalOf = (
  headers: Record<string, string>,
  byToken: Error = new CallerError('unauthenticated', 'token'),
) =>
  createTokenOrKeyAuthentication({
    byToken: refuse(byToken),
    byKey: refuse(new CallerError('unauthenticated', 'key', { challenge: CALLER_KEY_CHALLENGE })),
  })({ header: (name) => headers[name] ?? null }).catch((error: unknown) => error);

it('names both ways to a request with no credential', async () => {
  expect(await refusalOf({})).toMatchObject({
    code: 'unauthenticated',
    reason: 'token',
    challenge: `Bearer, ${CALLER_KEY_CHALLENGE}`,
  });
});

it('names only the way that the request has chosen', async () => {
  expect(await refusalOf({ authorization: 'Bearer x' })).toMatchObject({
    reason: 'token',
    challenge: 'Bearer',
  });
  expect(await refusalOf({ 'training-key': 'x' })).toMatchObject({
    reason: 'key',
    challenge: CALLER_KEY_CHALLENGE,
  });
});

it('makes no refusal of a fault', async () => {
  const fault = new Error('unforeseen');
  expect(await refusalOf({}, fault)).toBe(fault);
});
