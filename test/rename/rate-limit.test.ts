import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../src/rename/rate-limit.ts';

const admitted = (admission: { admit(nowMs: number): void }, nowMs: number) => {
  try {
    admission.admit(nowMs);
    return true;
  } catch {
    return false;
  }
};

describe('admission', () => {
  it('lets a second of renames through at once, then only as fast as the rate', () => {
    const admission = createAdmission({ maxRenamesPerSecond: 3, random: () => 0 });
    expect([0, 0, 0, 0].map((ms) => admitted(admission, ms))).toEqual([true, true, true, false]);
    expect(admitted(admission, 300)).toBe(false);
    expect(admitted(admission, 340)).toBe(true);
    expect(admitted(admission, 350)).toBe(false);
  });

  it('never admits more than the rate and the bucket allow, over any ten seconds', () => {
    const admission = createAdmission({ maxRenamesPerSecond: 3, random: () => 0 });
    const times = Array.from({ length: 10_000 }, (_, ms) => ms);
    expect(times.filter((ms) => admitted(admission, ms)).length).toBeLessThanOrEqual(3 + 30);
  });

  it('admits nobody while the upstream asks for a pause', () => {
    const admission = createAdmission({ maxRenamesPerSecond: 3, random: () => 0 });
    admission.slowDown(1000, 5000);
    expect(admitted(admission, 5999)).toBe(false);
    expect(admitted(admission, 6000)).toBe(true);
  });

  it('spreads the callers whom it turns away', () => {
    const waits = [0, 0.5].map((random) => {
      const admission = createAdmission({ maxRenamesPerSecond: 1, random: () => random });
      admission.admit(0);
      try {
        admission.admit(0);
      } catch (error) {
        return error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : null;
      }
      return null;
    });
    expect(waits).toEqual([1000, 1500]);
  });

  it('admits nobody once it is stopped, at a rate below one a second too', () => {
    const admission = createAdmission({ maxRenamesPerSecond: 0.1, random: () => 0 });
    expect(admitted(admission, 0)).toBe(true);
    expect(admitted(admission, 9_000)).toBe(false);
    expect(admitted(admission, 10_000)).toBe(true);
    admission.stop();
    expect(admitted(admission, 1_000_000)).toBe(false);
  });
});
