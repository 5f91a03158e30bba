import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { CallerError } from './caller-error.ts';

/** Reads the tenant's published keys, bounded in time and size. */
export type FetchKeySet = () => Promise<JSONWebKeySet>;

/** In the background: a key that the tenant has withdrawn is not trusted much longer than this. */
const REFRESH_AFTER_MS = 60 * 60 * 1000;
/** While the authority is down, the keys that were fetched last go on to be good. */
const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** Fetches that requests may cause: a rotation needs one, a flood of invented key ids gets no more than these. */
const MAX_FETCHES = 5;
const ANOTHER_FETCH_EVERY_MS = 30_000;

export interface EntraKeySet {
  /** Throws a `CallerError` where the tenant's keys are not to be had, and jose's `JWKSNoMatchingKey` for a key that is none of them. */
  readonly keyFor: JWTVerifyGetKey;
  /** Fetches the keys; what asks for them meanwhile shares the fetch. */
  refresh(): Promise<void>;
}

/** The tenant's published keys: cached, and fetched again for a key id that is not among them, within bounds. */
export function createEntraKeySet({
  fetchKeySet,
  now,
}: {
  readonly fetchKeySet: FetchKeySet;
  readonly now: () => number;
}): EntraKeySet {
  let held: { readonly keys: JWTVerifyGetKey; readonly fetchedAtMs: number } | null = null;
  let fetching: Promise<void> | null = null;
  let fetchesLeft = MAX_FETCHES;
  let countedAtMs = now();

  const keyFor: JWTVerifyGetKey = async (header, token) => {
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey(); // a set of one key would take it
    const ageMs = heldForMs();
    if (ageMs > MAX_STALE_MS) await refreshWithinBounds();
    else if (ageMs > REFRESH_AFTER_MS) refreshWithinBounds().catch(() => {}); // nobody waits for it
    const known = await find(header, token);
    if (known !== null) return known;

    const joined = fetching !== null;
    await refreshWithinBounds();
    const fresh = await find(header, token);
    if (fresh !== null) return fresh;
    if (joined) {
      await refreshWithinBounds(); // the fetch that was under way may have been answered before the key was published
      const published = await find(header, token);
      if (published !== null) return published;
    }
    throw new errors.JWKSNoMatchingKey();
  };

  return { keyFor, refresh };

  function heldForMs(): number {
    return held === null ? Number.POSITIVE_INFINITY : now() - held.fetchedAtMs;
  }

  async function find(...[header, token]: Parameters<JWTVerifyGetKey>) {
    if (held === null || heldForMs() > MAX_STALE_MS) throw new CallerError('issuer_unavailable', 'no_keys');
    try {
      return await held.keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return null;
      throw new CallerError('issuer_unavailable', 'keys_not_usable', { cause: error });
    }
  }

  /** Without a fetch left it does nothing: what is held decides. */
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
      held = { keys, fetchedAtMs: now() };
    } catch (error) {
      throw new CallerError('issuer_unavailable', 'keys_not_fetched', { cause: error });
    }
  }
}
