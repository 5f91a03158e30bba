export interface Throttle {
  /**
   * Waits for a place among the concurrent ones; null when too many wait already. Call what it gives when
   * done.
   */
  enter(): Promise<(() => void) | null>;
}

/**
 * `maxConcurrentRequests` run, the rest wait, and past `maxOutstandingRequests` (running and waiting) the
 * host answers 429.
 */
export function createThrottle({
  maxConcurrentRequests,
  maxOutstandingRequests,
}: {
  maxConcurrentRequests: number;
  maxOutstandingRequests: number;
}): Throttle {
  let running = 0;
  const waiting: (() => void)[] = [];

  const leave = (): void => {
    const next = waiting.shift();
    // The place is handed on, so `running` stays as it is.
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    async enter() {
      if (running + waiting.length >= maxOutstandingRequests) return null;
      if (running < maxConcurrentRequests) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leave;
    },
  };
}
