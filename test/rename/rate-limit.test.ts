import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/rename/rate-limit.ts';

const admitted = (rateLimit: { admit(nowMs: number): void }, nowMs: number) => {
  try {
    rateLimit.admit(nowMs);
    return true;
  } catch {
    return false;
  }
};

describe('rateLimit', () => {
  it('lets a second of renames through at once, then only as fast as the rate', () => {
    const rateLimit = createRateLimit({ maxRenamesPerSecond: 3, random: () => 0 });
    expect([0, 0, 0, 0].map((ms) => admitted(rateLimit, ms))).toEqual([true, true, true, false]);
    expect(admitted(rateLimit, 300)).toBe(false);
    expect(admitted(rateLimit, 340)).toBe(true);
    expect(admitted(rateLimit, 350)).toBe(false);
  });

  it('never admits more than the rate and the bucket allow, over any ten seconds', () => {
    const rateLimit = createRateLimit({ maxRenamesPerSecond: 3, random: () => 0 });
    const times = Array.from({ length: 10_000 }, (_, ms) => ms);
    expect(times.filter((ms) => admitted(rateLimit, ms)).length).toBeLessThanOrEqual(3 + 30);
  });

  it('admits nobody while the upstream asks for a pause', () => {
    const rateLimit = createRateLimit({ maxRenamesPerSecond: 3, random: () => 0 });
    rateLimit.pauseFor(1000, 5000);
    expect(admitted(rateLimit, 5999)).toBe(false);
    expect(admitted(rateLimit, 6000)).toBe(true);
  });

  it('spreads the callers whom it turns away', () => {
    const waits = [0, 0.5].map((random) => {
      const rateLimit = createRateLimit({ maxRenamesPerSecond: 1, random: () => random });
      rateLimit.admit(0);
      try {
        rateLimit.admit(0);
      } catch (error) {
        return error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : null;
      }
      return null;
    });
    expect(waits).toEqual([1000, 1500]);
  });

  it('admits nobody once it is stopped, at a rate below one a second too', () => {
    const rateLimit = createRateLimit({ maxRenamesPerSecond: 0.1, random: () => 0 });
    expect(admitted(rateLimit, 0)).toBe(true);
    expect(admitted(rateLimit, 9_000)).toBe(false);
    expect(admitted(rateLimit, 10_000)).toBe(true);
    rateLimit.stop();
    expect(admitted(rateLimit, 1_000_000)).toBe(false);
  });
});
