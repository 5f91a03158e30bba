import { expect, it } from 'vitest';
import { CallerError } from '../../src/callers/caller-error.ts';

it('has no denial where no known caller was refused, and asks for a token by default', () => {
  expect(new CallerError('unauthenticated', 'no_token')).toMatchObject({ denial: null, challenge: 'Bearer' });
});
