import { isLoopback } from '../outbound/loopback.ts';

/** The emulator has the account in the path, where the cloud has it in the host. */
export function checkServiceUri(text: string, complain: (message: string) => void): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isEmulator = url !== null && isLoopback(url) && /^\/[a-z0-9]+\/?$/.test(url.pathname);
  parseOrigin(isEmulator ? text.replace(url.pathname, '/') : text, complain);
}

/** An https origin, or http on loopback; nothing that could bend a host or a path. */
export function parseOrigin(text: string, complain: (message: string) => void): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) {
    complain('must be a URI');
    return null;
  }
  const isBare =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (!isBare) complain('must be a scheme and a host only, without path, query or credentials');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    complain('must begin with https://');
  return url;
}
