/**
 * Takes a step that is aborted where it takes longer. The timer ends with the step: each one of `AbortSignal.timeout` fires seconds
 * after a step that has long been done, and then costs as much as a small request (`npm run bench`).
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
