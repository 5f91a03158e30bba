import { RenameError } from './rename-error.ts';

/** Decides whether this instance may start one more rename: throws `throttled` or `shutting_down`. */
export interface RateLimit {
  admit(nowMs: number): void;
  /** How long until `admit` would not throw `throttled`, if nobody else came; 0 or less where it would not now. */
  delayMs(nowMs: number): number;
  pauseFor(nowMs: number, retryAfterMs: number): void;
}

/** Spread over the callers who were turned away, so that they do not all come back at once. */
const MAX_JITTER_MS = 1000;
const SHUTTING_DOWN_RETRY_AFTER_MS = 1000;

/** A token bucket that holds one second's worth of renames, closed while the upstream asks for a pause and for good once `stop` is called. */
export function createRateLimit({
  maxRenamesPerSecond,
  random,
}: {
  readonly maxRenamesPerSecond: number;
  /** In [0, 1). */
  readonly random: () => number;
}): RateLimit & { stop(): void } {
  const capacity = Math.max(1, maxRenamesPerSecond);
  let tokens = capacity;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  let closedUntilMs = Number.NEGATIVE_INFINITY;
  let stopped = false;

  return {
    admit(nowMs) {
      if (stopped) throw new RenameError('shutting_down', { retryAfterMs: SHUTTING_DOWN_RETRY_AFTER_MS });
      const delayMs = untilNextToken(nowMs);
      if (delayMs > 0)
        throw new RenameError('throttled', { retryAfterMs: delayMs + random() * MAX_JITTER_MS });
      tokens -= 1;
    },
    delayMs: (nowMs) => (stopped ? 0 : untilNextToken(nowMs)),
    pauseFor(nowMs, retryAfterMs) {
      closedUntilMs = Math.max(closedUntilMs, nowMs + retryAfterMs);
    },
    stop() {
      stopped = true;
    },
  };

  function untilNextToken(nowMs: number): number {
    const refilled = tokens + (Math.max(0, nowMs - countedAtMs) / 1000) * maxRenamesPerSecond;
    tokens = Math.min(capacity, refilled);
    countedAtMs = nowMs;
    return Math.max(closedUntilMs - nowMs, ((1 - tokens) / maxRenamesPerSecond) * 1000);
  }
}
