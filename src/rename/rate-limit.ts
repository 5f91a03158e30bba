import { createFairLine, type Turn } from './fair-line.ts';
import { RenameError } from './rename-error.ts';

/** Decides when this instance may send one more rename to a resource. */
export interface RateLimit {
  /**
   * Waits for the caller's turn. Throws `throttled` where it is too far away, `shutting_down` once `stop` was
   * called.
   */
  take(resource: string, callerId: string): Promise<Turn>;
  /** For a rename that is sent although it took no turn. */
  charge(resource: string): void;
  /** The upstream asks for a pause: it concerns this resource alone. */
  pauseFor(resource: string, retryAfterMs: number): void;
}

/** Spread over the callers who are refused, so that they do not all come back at once. */
const MAX_JITTER_MS = 1000;
const SHUTTING_DOWN_RETRY_AFTER_MS = 1000;
/** After a longer pause than this the upstream is tried again, whatever it asked for. */
const MAX_PAUSE_MS = 60_000;

/** One limit per resource, shared by synchronous and queued renames. */
export function createRateLimit({
  maxRenamesPerSecond,
  random,
  monotonic,
  sleep,
}: {
  /** Per resource. */
  readonly maxRenamesPerSecond: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): RateLimit & { stop(): void } {
  const lines = new Map<string, ReturnType<typeof createFairLine>>();
  let stopped = false;

  return {
    async take(resource, callerId) {
      if (stopped) throw shuttingDown();
      return lineOf(resource).take(callerId);
    },
    charge: (resource) => lineOf(resource).charge(),
    pauseFor: (resource, retryAfterMs) => lineOf(resource).closeFor(Math.min(retryAfterMs, MAX_PAUSE_MS)),
    stop() {
      stopped = true;
      for (const line of lines.values()) line.dismiss(shuttingDown());
    },
  };

  function lineOf(resource: string) {
    const line =
      lines.get(resource) ??
      createFairLine({ turnsPerSecond: maxRenamesPerSecond, refuse, monotonic, sleep });
    lines.set(resource, line);
    return line;
  }

  function refuse(retryAfterMs: number): RenameError {
    return new RenameError('throttled', { retryAfterMs: retryAfterMs + random() * MAX_JITTER_MS });
  }
}

function shuttingDown(): RenameError {
  return new RenameError('shutting_down', { retryAfterMs: SHUTTING_DOWN_RETRY_AFTER_MS });
}
