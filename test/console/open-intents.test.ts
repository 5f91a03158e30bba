import { expect, it } from 'vitest';
import { createOpenIntents, saysHowItEnded } from '../../src/console/open-intents.ts';

function counting() {
  let count = 0;
  return createOpenIntents(() => `key-${(count += 1)}`);
}

it('shows the key that the request will have', () => {
  const intents = counting();
  const shown = intents.keyOf('a');
  intents.open('a');
  expect(intents.keyOf('a')).toBe(shown);
});

it('keeps the key of what has not ended, also where something else was asked for between', () => {
  const intents = counting();
  intents.open('a');
  const key = intents.keyOf('a');
  intents.open('b');
  intents.end('b');
  intents.open('a');
  expect(intents.keyOf('a')).toBe(key);
});

it('never has one key for two intents', () => {
  const intents = counting();
  intents.open('a');
  intents.open('b');
  expect(intents.keyOf('a')).not.toBe(intents.keyOf('b'));
  expect([intents.keyOf('a'), intents.keyOf('b')]).not.toContain(intents.keyOf('c'));
});

it('takes a new key for the same once it has ended', () => {
  const intents = counting();
  intents.open('a');
  const key = intents.keyOf('a');
  intents.end('a');
  expect(intents.keyOf('a')).not.toBe(key);
});

it.each([
  ...[200, 400, 403, 404, 413, 422].map((status) => ({ status, ended: true })),
  ...[401, 408, 409, 429, 500, 502, 503, 504].map((status) => ({ status, ended: false })),
])('takes $status for an end: $ended', ({ status, ended }) => {
  expect(saysHowItEnded(status)).toBe(ended);
});
