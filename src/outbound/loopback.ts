/** Whether a URL leads to this machine alone: the only place where plain http is accepted. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
