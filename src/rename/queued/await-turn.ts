import { RenameError } from '../rename-error.ts';
import type { Admission } from '../rename-iteration.ts';

/** Longer than that, the rename goes back to the queue, which waits at no cost. */
const MAX_WAIT_MS = 5000;

/** Waits until this instance may send one more rename. Nobody waits for a queued rename, so it can; throws `throttled` where its turn is too far away. */
export async function awaitTurn(
  admission: Pick<Admission, 'admit' | 'waitMs'>,
  now: () => number,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const untilMs = now() + MAX_WAIT_MS;
  for (;;) {
    const waitMs = admission.waitMs(now());
    if (waitMs <= 0) return admission.admit(now());
    if (now() + waitMs > untilMs) throw new RenameError('throttled', { retryAfterMs: waitMs });
    await sleep(waitMs);
  }
}
