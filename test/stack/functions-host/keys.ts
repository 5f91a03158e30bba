import { timingSafeEqual } from 'node:crypto';
import type { RequestHead } from './http1/request-head.ts';
import type { Query } from './query.ts';

export interface HostKeys {
  masterKey: string;
  functionKey: string;
}

export type KeyLevel = 'none' | 'function' | 'admin';

export interface KeyRing {
  /** Of the host's own API there is no function name. */
  level(given: GivenKey): KeyLevel;
  /** Whether the key is enough where the trigger asks for this level. */
  opens(given: GivenKey, authLevel: string): boolean;
}

export interface GivenKey {
  key: string;
  functionName: string;
}

/** The key of a request: the first of its `x-functions-key` headers, and `?code=` only where it has none. */
export function findKey(head: RequestHead, query: Query): string {
  const values =
    head.headers.get('x-functions-key') ?? query.find(({ name }) => /^code$/i.test(name))?.values ?? [];
  return values[0] ?? '';
}

/** Function keys as the host takes them; `admin` wants the master key, which opens everything. */
export function createKeyRing({ masterKey, functionKey }: HostKeys): KeyRing {
  // The real host looks up a key that was right before without regard to its letters' case.
  const known = new Map<string, KeyLevel>();

  const level = ({ key, functionName }: GivenKey): KeyLevel => {
    const name = `${key}${functionName}`.toLowerCase();
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = isEqual(key, masterKey) ? 'admin' : isEqual(key, functionKey) ? 'function' : 'none';
    if (found !== 'none') known.set(name, found);
    return found;
  };
  return {
    level,
    opens(given, authLevel) {
      const wanted = authLevel.toLowerCase();
      if (wanted === 'anonymous') return true;
      const found = level(given);
      return found === 'admin' || (wanted === 'function' && found === 'function');
    },
  };
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
