import { setImmediate as tick } from 'node:timers/promises';

/** A clock that stands still until the test lets time pass. */
export function createPassingTime() {
  let nowMs = 0;
  const sleeping: { untilMs: number; wake: () => void }[] = [];

  async function pass(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    for (;;) {
      await tick();
      sleeping.sort((a, b) => a.untilMs - b.untilMs);
      const [next] = sleeping;
      if (next === undefined || next.untilMs > untilMs) break;
      sleeping.shift();
      nowMs = Math.max(nowMs, next.untilMs);
      next.wake();
    }
    nowMs = untilMs;
    await tick();
  }

  return {
    pass,
    monotonic: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        sleeping.push({ untilMs: nowMs + ms, wake });
      }),
  };
}
