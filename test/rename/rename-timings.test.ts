import { expect, it } from 'vitest';
import { createRenameTimings, untilSeenExpiredMs, untilSettledMs } from '../../src/rename/rename-timings.ts';
import { createWorld } from './world.ts';

it('a lease is three upstream timeouts long', () => {
  expect(createRenameTimings(10_000)).toEqual({ upstreamTimeoutMs: 10_000, leaseMs: 30_000 });
});

it.each([
  { case: 'runs for 5 seconds more', expiresAtMs: 7000, untilMs: 6000 },
  { case: 'ends now', expiresAtMs: 2000, untilMs: 1000 },
  { case: 'ended long ago', expiresAtMs: -60_000, untilMs: 1000 },
])('that a lease is over which $case is seen a second later', ({ expiresAtMs, untilMs }) => {
  expect(untilSeenExpiredMs(expiresAtMs, 2000)).toBe(untilMs);
});

it('a rename without an answer is settled once the rest of its lease is over', () => {
  expect(untilSettledMs(createRenameTimings(10_000), 4000)).toBe(27_000);
});

it('is sent in the last moment of its upstream timeout', async () => {
  const world = createWorld({
    log: (log) => ({
      begin: async (...args) => {
        world.advance(world.timings.upstreamTimeoutMs);
        return log.begin(...args);
      },
    }),
  });
  expect(await world.rename('v1')).toMatchObject({ iteration: { name: 'v1' } });
});
