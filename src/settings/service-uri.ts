import { isHttpsOrLoopback, isLoopback } from '../outbound/loopback.ts';

/** The emulator names the account in the path, the cloud in the host. */
export function checkServiceUri(text: string, complain: (message: string) => void): void {
  const url = URL.parse(text);
  const isEmulator = url !== null && isLoopback(url) && /^\/[a-z0-9]+\/?$/.test(url.pathname);
  parseOrigin(isEmulator ? text.replace(url.pathname, '/') : text, complain);
}

/** Accepts an https origin, or http on loopback, without any part that could change the host or the path. */
export function parseOrigin(text: string, complain: (message: string) => void): URL | null {
  const url = URL.parse(text);
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
  if (!isHttpsOrLoopback(url)) complain('must begin with https://');
  return url;
}
