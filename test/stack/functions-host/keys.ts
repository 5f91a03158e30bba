import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface HostKeys {
  masterKey: string;
  functionKey: string;
}

export type IsAuthorized = (request: IncomingMessage, url: URL, authLevel: string) => boolean;

/** Function keys as the host takes them: `x-functions-key` or `?code=`; `admin` wants the master key, which opens everything. */
export function createKeyCheck({ masterKey, functionKey }: HostKeys): IsAuthorized {
  return (request, url, authLevel) => {
    if (authLevel.toLowerCase() === 'anonymous') return true;
    const header = request.headers['x-functions-key'];
    const given = (typeof header === 'string' ? header : null) ?? url.searchParams.get('code') ?? '';
    if (isEqual(given, masterKey)) return true;
    return authLevel.toLowerCase() === 'function' && isEqual(given, functionKey);
  };
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
