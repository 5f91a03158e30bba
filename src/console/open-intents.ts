/** What a person wants: this iteration to have this name. */
export interface Intent {
  readonly iterationId: string;
  readonly name: string;
}

/**
 * One idempotency key for each intent: it stays the same until the proxy has said how that ended, so a repeat
 * after a lost answer meets the first request.
 */
export interface OpenIntents {
  /** The key that a request for `intent` has, or will have. */
  readonly keyOf: (intent: Intent) => string;
  /** A request for it goes out. */
  readonly open: (intent: Intent) => void;
  /** It is known how it ended: the next request for the same is a new one. */
  readonly end: (intent: Intent) => void;
  /**
   * The iteration was renamed. The next request for any name is a new one: with the key of an older one, it
   * would only get that one's answer.
   */
  readonly endAll: (iterationId: string) => void;
}

export function createOpenIntents(newKey: () => string): OpenIntents {
  const open = new Map<string, Map<string, string>>();
  let next = newKey();
  return {
    keyOf: ({ iterationId, name }) => open.get(iterationId)?.get(name) ?? next,
    open({ iterationId, name }) {
      const names = open.get(iterationId) ?? new Map<string, string>();
      open.set(iterationId, names);
      if (names.has(name)) return;
      names.set(name, next);
      next = newKey();
    },
    end: ({ iterationId, name }) => void open.get(iterationId)?.delete(name),
    endAll: (iterationId) => void open.delete(iterationId),
  };
}

/**
 * Whether an answer says how the rename ended. 5xx and 429 do not, nor does 409 (it may still be under way);
 * 401 was refused before the key was looked at.
 */
export function saysHowItEnded(status: number): boolean {
  return status < 500 && status !== 401 && status !== 408 && status !== 409 && status !== 429;
}
