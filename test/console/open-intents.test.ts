import { expect, it } from 'vitest';
import { createOpenIntents, saysHowItEnded } from '../../src/console/open-intents.ts';

const A = { iterationId: '1', name: 'a' };
const B = { iterationId: '1', name: 'b' };
const ELSEWHERE = { iterationId: '2', name: 'a' };

function counting() {
  let count = 0;
  return createOpenIntents(() => `key-${(count += 1)}`);
}

it('shows the key that the request will have', () => {
  const intents = counting();
  const shown = intents.keyOf(A);
  intents.open(A);
  expect(intents.keyOf(A)).toBe(shown);
});

it('keeps the key of what has not ended, also where something else was asked for elsewhere', () => {
  const intents = counting();
  intents.open(A);
  const key = intents.keyOf(A);
  intents.open(ELSEWHERE);
  intents.endAll(ELSEWHERE.iterationId);
  intents.open(A);
  expect(intents.keyOf(A)).toBe(key);
});

it('never has one key for two intents', () => {
  const intents = counting();
  intents.open(A);
  intents.open(B);
  intents.open(ELSEWHERE);
  const keys = [A, B, ELSEWHERE, { iterationId: '3', name: 'c' }].map(intents.keyOf);
  expect(new Set(keys).size).toBe(4);
});

it('takes a new key for the same once it has ended', () => {
  const intents = counting();
  intents.open(A);
  const key = intents.keyOf(A);
  intents.end(A);
  expect(intents.keyOf(A)).not.toBe(key);
});

it('keeps the key of a lost answer where another name was refused', () => {
  const intents = counting();
  intents.open(A);
  const key = intents.keyOf(A);
  intents.open(B);
  intents.end(B);
  expect(intents.keyOf(A)).toBe(key);
});

it('takes a new key for a name whose answer was lost, once the iteration got another one', () => {
  const intents = counting();
  intents.open(A); // renamed, and the answer was lost
  const key = intents.keyOf(A);
  intents.open(B);
  intents.endAll(B.iterationId);
  expect(intents.keyOf(A)).not.toBe(key);
});

it.each([
  ...[200, 400, 403, 404, 413, 422].map((status) => ({ status, ended: true })),
  ...[401, 408, 409, 429, 500, 502, 503, 504].map((status) => ({ status, ended: false })),
])('takes $status for an end: $ended', ({ status, ended }) => {
  expect(saysHowItEnded(status)).toBe(ended);
});
