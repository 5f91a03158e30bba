/** One second's worth of turns, refilled at their rate; closed while a pause lasts. */
export interface TokenBucket {
  /** Until the next turn; 0 where there is one now. */
  untilNextMs(): number;
  /** Whole turns that are left beside the next one. */
  spare(): number;
  /** May go below zero: then the next turns come later. */
  take(): void;
  giveBack(): void;
  closeFor(ms: number): void;
}

export function createTokenBucket({
  turnsPerSecond,
  monotonic,
}: {
  readonly turnsPerSecond: number;
  readonly monotonic: () => number;
}): TokenBucket {
  const capacity = Math.max(1, turnsPerSecond);
  const msPerTurn = 1000 / turnsPerSecond;
  let tokens = capacity;
  let countedAtMs = monotonic();
  let closedUntilMs = Number.NEGATIVE_INFINITY;

  return {
    untilNextMs() {
      const nowMs = monotonic();
      tokens = Math.min(capacity, tokens + (nowMs - countedAtMs) / msPerTurn);
      countedAtMs = nowMs;
      return Math.max(0, Math.ceil((1 - tokens) * msPerTurn), closedUntilMs - nowMs);
    },
    spare: () => Math.max(0, Math.floor(tokens) - 1),
    take() {
      tokens -= 1;
    },
    giveBack() {
      tokens += 1;
    },
    closeFor(ms) {
      closedUntilMs = Math.max(closedUntilMs, monotonic() + ms);
    },
  };
}
