/** The text of a message: the programming model passes JSON already parsed. */
export function messageText(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}
