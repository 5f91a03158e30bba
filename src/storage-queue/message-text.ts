/** A message's text: the programming model has parsed it by now where it was JSON. */
export function messageText(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}
