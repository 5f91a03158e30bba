/**
 * Runs `step`; aborts it after `timeoutMs`. The timer ends with the step: one of `AbortSignal.timeout` fires
 * seconds after the step has ended, and then costs as much as a small request (`npm run bench`).
 */
export async function withDeadline<T>(
  timeoutMs: number,
  step: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    return await step(deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}
