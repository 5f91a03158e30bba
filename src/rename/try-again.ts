/** Between two attempts. */
const PAUSE_MS = 1000;

/**
 * Takes a step again that failed and that the caller need not wait for, until it succeeds or `untilMs` on the
 * monotonic clock is over. Resolves to what the step did, or null. Never rejects.
 */
export async function tryAgain<T>(
  step: () => Promise<T>,
  untilMs: number,
  { monotonic, sleep }: { readonly monotonic: () => number; readonly sleep: (ms: number) => Promise<void> },
): Promise<T | null> {
  while (monotonic() < untilMs) {
    await sleep(PAUSE_MS);
    try {
      return await step();
    } catch {
      // whatever failed may fail again
    }
  }
  return null;
}
