import { expect, it } from 'vitest';
import { goingOnAfter } from '../../../src/rename/recovery/going-on-after.ts';

it.each([
  { case: 'nothing yet', last: '', order: ['a', 'b', 'c'] },
  { case: 'one of them', last: 'a', order: ['b', 'c', 'a'] },
  { case: 'one that is gone', last: 'aa', order: ['b', 'c', 'a'] },
  { case: 'the last of them', last: 'c', order: ['a', 'b', 'c'] },
])('goes on behind $case, which comes last', ({ last, order }) => {
  expect(goingOnAfter(last, ['a', 'b', 'c'], (one) => one)).toEqual(order);
});
