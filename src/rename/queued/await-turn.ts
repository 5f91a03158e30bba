import { RenameError } from '../rename-error.ts';
import type { RateLimit } from '../rate-limit.ts';

/** Longer than that, the rename goes back to the queue, which waits at no cost. */
const MAX_WAIT_MS = 5000;

/** Waits until this instance may send one more rename. No caller waits for a queued rename, so it can; throws `throttled` where its turn is too far away. */
export async function awaitTurn(
  rateLimit: Pick<RateLimit, 'admit' | 'delayMs'>,
  monotonic: () => number,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const untilMs = monotonic() + MAX_WAIT_MS;
  for (;;) {
    const delayMs = rateLimit.delayMs(monotonic());
    if (delayMs <= 0) return rateLimit.admit(monotonic());
    if (monotonic() + delayMs > untilMs) throw new RenameError('throttled', { retryAfterMs: delayMs });
    await sleep(delayMs);
  }
}
