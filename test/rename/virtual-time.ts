/** Time in the test's hands. */
export interface TestTime {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly advance: (ms: number) => void;
}

export const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** A sleep moves the clock at once: for one thing at a time. */
export function createSteppedTime(): TestTime {
  let nowMs = START_MS;
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { now: () => nowMs, sleep: async (ms) => advance(ms), advance };
}

/**
 * A discrete-event clock, for things that run side by side: it jumps to the next waking as soon as all of
 * them sleep.
 */
export function createVirtualTime(): TestTime & { run<T>(work: () => Promise<T>): Promise<T> } {
  let nowMs = START_MS;
  const sleepers = new Map<number, (() => void)[]>();
  return {
    now: () => nowMs,
    sleep: (ms) =>
      new Promise((resolve) => {
        const atMs = nowMs + Math.max(0, ms);
        sleepers.set(atMs, [...(sleepers.get(atMs) ?? []), resolve]);
      }),
    advance: (ms) => {
      nowMs += ms;
    },
    async run(work) {
      const outcome: { ended: boolean } = { ended: false };
      const result = work().finally(() => {
        outcome.ended = true;
      });
      for (;;) {
        await new Promise(setImmediate); // until all of them sleep, or have ended
        if (outcome.ended) return result;
        if (sleepers.size === 0) throw new Error('nothing moves any more');
        nowMs = Math.max(nowMs, Math.min(...sleepers.keys()));
        for (const [atMs, wakings] of sleepers) {
          if (atMs > nowMs) continue;
          sleepers.delete(atMs);
          for (const wake of wakings) wake();
        }
      }
    },
  };
}
