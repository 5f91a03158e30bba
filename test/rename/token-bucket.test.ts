import { expect, it } from 'vitest';
import { createTokenBucket } from '../../src/rename/token-bucket.ts';

function createBucket(turnsPerSecond: number) {
  let nowMs = 0;
  const bucket = createTokenBucket({ turnsPerSecond, monotonic: () => nowMs });
  const take = (count: number) => {
    for (let taken = 0; taken < count; taken += 1) bucket.take();
  };
  return {
    ...bucket,
    take,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('has the turns of one second, and saves no more', () => {
  const bucket = createBucket(4);
  bucket.pass(60_000);
  expect(bucket.untilNextMs()).toBe(0);
  expect(bucket.spare()).toBe(3);
  bucket.take(4);
  expect(bucket.untilNextMs()).toBe(250);
  expect(bucket.spare()).toBe(0);
});

it('gets turns back at their rate, also the parts of one', () => {
  const bucket = createBucket(4);
  bucket.take(4);
  for (let times = 0; times < 5; times += 1) {
    bucket.pass(100);
    bucket.untilNextMs();
  }
  expect(bucket.spare()).toBe(1);
  expect(bucket.untilNextMs()).toBe(0);
});

it('has one turn at once where there is less than one a second', () => {
  const bucket = createBucket(0.5);
  expect(bucket.untilNextMs()).toBe(0);
  bucket.take(1);
  expect(bucket.untilNextMs()).toBe(2000);
});

it('makes those wait who come after more turns than there were', () => {
  const bucket = createBucket(4);
  bucket.take(6);
  expect(bucket.untilNextMs()).toBe(750);
  expect(bucket.spare()).toBe(0);
  bucket.giveBack();
  expect(bucket.untilNextMs()).toBe(500);
});

it('stays closed for the longest pause, and fills meanwhile', () => {
  const bucket = createBucket(4);
  bucket.take(4);
  bucket.closeFor(5000);
  bucket.closeFor(1000);
  bucket.pass(4999);
  expect(bucket.untilNextMs()).toBe(1);
  bucket.pass(1);
  expect(bucket.untilNextMs()).toBe(0);
  expect(bucket.spare()).toBe(3);
});
