const MAX_LENGTH = 200;

/** Why JSONata failed. It throws plain objects as well as errors. */
export function jsonataMessage(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message).slice(0, MAX_LENGTH).toWellFormed();
}
