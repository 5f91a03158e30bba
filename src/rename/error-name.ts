/** The name of whatever was thrown, for the log: a message may quote a secret. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
