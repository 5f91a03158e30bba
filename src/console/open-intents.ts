/**
 * One idempotency key for each thing that a person wants: it stays the same until the proxy has said how that
 * ended, so a repeat after a lost answer meets the first request.
 */
export interface OpenIntents {
  /** The key that a request for `intent` has, or will have. */
  keyOf(intent: string): string;
  /** A request for it goes out. */
  open(intent: string): void;
  /** How it ended is known: the next request for the same is a new one. */
  end(intent: string): void;
}

export function createOpenIntents(newKey: () => string): OpenIntents {
  const keys = new Map<string, string>();
  let next = newKey();
  return {
    keyOf: (intent) => keys.get(intent) ?? next,
    open(intent) {
      if (keys.has(intent)) return;
      keys.set(intent, next);
      next = newKey();
    },
    end: (intent) => void keys.delete(intent),
  };
}

/**
 * Whether an answer says how the rename ended. 5xx and 429 do not, nor does 409 (it may still be under way);
 * 401 was refused before the key was looked at.
 */
export function saysHowItEnded(status: number): boolean {
  return status < 500 && status !== 401 && status !== 408 && status !== 409 && status !== 429;
}
