/** The text of a message: the programming model passes JSON already parsed. Never throws: a throw would have the host retry what is not ours. */
export function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(message);
  } catch {
    return 'nested too deep to be shown'; // reading JSON takes no stack, writing it does
  }
}
