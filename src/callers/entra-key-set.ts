import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { CallerError } from './caller-error.ts';

/** Reads the tenant's published keys, bounded in time and size. */
export type FetchKeySet = () => Promise<JSONWebKeySet>;

/** Refreshed in the background: a withdrawn key is trusted little longer than this. */
const REFRESH_AFTER_MS = 60 * 60 * 1000;
/** While the authority is down, cached keys stay valid for this long. */
const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** Fetches that requests may cause: a rotation needs one, and a flood of invented key ids causes no more. */
const MAX_FETCHES = 5;
const ANOTHER_FETCH_EVERY_MS = 30_000;

export interface EntraKeySet {
  /**
   * Throws a `CallerError` where the keys are not available, and jose's `JWKSNoMatchingKey` for an unknown
   * key.
   */
  readonly keyFor: JWTVerifyGetKey;
  /** Fetches the keys. Concurrent calls share one fetch. */
  refresh(): Promise<void>;
}

/** Caches the tenant's published keys, and fetches them again, within bounds, for an unknown key id. */
export function createEntraKeySet({
  fetchKeySet,
  now,
}: {
  readonly fetchKeySet: FetchKeySet;
  readonly now: () => number;
}): EntraKeySet {
  let cached: { readonly keys: JWTVerifyGetKey; readonly fetchedAtMs: number } | null = null;
  let fetching: Promise<void> | null = null;
  let fetchesLeft = MAX_FETCHES;
  let countedAtMs = now();

  const keyFor: JWTVerifyGetKey = async (header, token) => {
    // Without a key id, jose would take the only key of a set.
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey();
    const ageMs = cachedForMs();
    if (ageMs > MAX_STALE_MS) await refreshWithinBounds();
    else if (ageMs > REFRESH_AFTER_MS) refreshWithinBounds().catch(() => {}); // in the background
    const known = await find(header, token);
    if (known !== null) return known;

    const joined = fetching !== null;
    await refreshWithinBounds();
    const fresh = await find(header, token);
    if (fresh !== null) return fresh;
    if (joined) {
      await refreshWithinBounds(); // the joined fetch may have been answered before the key was published
      const published = await find(header, token);
      if (published !== null) return published;
    }
    throw new errors.JWKSNoMatchingKey();
  };

  return { keyFor, refresh };

  function cachedForMs(): number {
    return cached === null ? Number.POSITIVE_INFINITY : now() - cached.fetchedAtMs;
  }

  async function find(...[header, token]: Parameters<JWTVerifyGetKey>) {
    if (cached === null || cachedForMs() > MAX_STALE_MS)
      throw new CallerError('issuer_unavailable', 'no_keys');
    try {
      return await cached.keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return null;
      throw new CallerError('issuer_unavailable', 'keys_not_usable', { cause: error });
    }
  }

  /** Does nothing where no fetch is left: the cached keys decide. */
  async function refreshWithinBounds(): Promise<void> {
    if (fetching === null) {
      const elapsedMs = Math.max(0, now() - countedAtMs);
      fetchesLeft = Math.min(MAX_FETCHES, fetchesLeft + elapsedMs / ANOTHER_FETCH_EVERY_MS);
      countedAtMs = now();
      if (fetchesLeft < 1) return;
      fetchesLeft -= 1;
    }
    return refresh();
  }

  function refresh(): Promise<void> {
    fetching ??= fetchOnce().finally(() => {
      fetching = null;
    });
    return fetching;
  }

  async function fetchOnce(): Promise<void> {
    try {
      const keys = createLocalJWKSet(await fetchKeySet());
      cached = { keys, fetchedAtMs: now() };
    } catch (error) {
      throw new CallerError('issuer_unavailable', 'keys_not_fetched', { cause: error });
    }
  }
}
