import { expect, it } from 'vitest';
import { RenameError } from '../../src/rename/rename-error.ts';

it('tells null for what is not known of a rename', () => {
  expect(new RenameError('throttled')).toMatchObject({
    renameId: null,
    retryAfterMs: null,
    requeueAfterMs: null,
    refusal: null,
    replayed: false,
  });
});
