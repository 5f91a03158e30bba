/** Reads a secret's newest value. Bounded in time. */
export type GetSecret = (secretName: string) => Promise<string | undefined>;

export type KeyVaultEvent = {
  readonly event: 'key_vault_failed';
  readonly secretName: string;
  readonly reason: string;
  /** True where a value fetched earlier could be used instead. */
  readonly stale: boolean;
};

/** Secrets of one kind. Both methods throw where no value can be had. */
export interface CachedSecrets<T> {
  get(secretName: string): Promise<T>;
  /** The cached value where it is not outdated (a concurrent call fetched it), else the vault's newest. */
  replacementFor(secretName: string, isOutdated: (cached: T, ageMs: number) => boolean): Promise<T>;
}

const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** While the vault is down, ask it no more often than this, so that requests do not wait for it. */
const RETRY_AFTER_FAILURE_MS = 10_000;

/**
 * Caches secrets for their time to live. Concurrent calls share one fetch. Stale values serve while the vault
 * is down.
 */
export function createCachedSecrets<T extends object>({
  getSecret,
  parse,
  expected,
  ttlMs,
  now,
  report,
}: {
  readonly getSecret: GetSecret;
  /** Null where the secret's value is invalid. */
  readonly parse: (secretValue: string | undefined) => T | null;
  /** The expected content: a noun, a colon, and its requirements. */
  readonly expected: string;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly report: (event: KeyVaultEvent) => void;
}): CachedSecrets<T> {
  const entries = new Map<string, { readonly value: T; readonly fetchedAtMs: number }>();
  const fetching = new Map<string, Promise<T>>();
  const failedAtMs = new Map<string, number>();

  return {
    async get(secretName) {
      const cached = entries.get(secretName);
      if (cached !== undefined) {
        const ageMs = now() - cached.fetchedAtMs;
        if (ageMs < ttlMs) return cached.value;
        const sinceFailureMs = now() - (failedAtMs.get(secretName) ?? Number.NEGATIVE_INFINITY);
        if (sinceFailureMs < RETRY_AFTER_FAILURE_MS && ageMs < MAX_STALE_MS) return cached.value;
      }
      return fetchOnce(secretName);
    },

    async replacementFor(secretName, isOutdated) {
      await fetching.get(secretName)?.catch(() => {}); // it may have begun before the secret was replaced
      const cached = entries.get(secretName);
      if (cached !== undefined && !isOutdated(cached.value, now() - cached.fetchedAtMs)) return cached.value;
      return fetchOnce(secretName);
    },
  };

  function fetchOnce(secretName: string): Promise<T> {
    const underWay = fetching.get(secretName);
    if (underWay !== undefined) return underWay;
    const fetched = fetchValue(secretName).finally(() => fetching.delete(secretName));
    fetching.set(secretName, fetched);
    return fetched;
  }

  async function fetchValue(secretName: string): Promise<T> {
    const cached = entries.get(secretName);
    const isUsable = cached !== undefined && now() - cached.fetchedAtMs < MAX_STALE_MS;
    let reason;
    try {
      const value = parse(await getSecret(secretName));
      if (value !== null) {
        entries.set(secretName, { value, fetchedAtMs: now() });
        failedAtMs.delete(secretName);
        return value;
      }
      reason = `the secret holds no ${expected}`;
    } catch (error) {
      reason = describe(error);
    }
    failedAtMs.set(secretName, now());
    report({ event: 'key_vault_failed', secretName, reason, stale: isUsable });
    if (isUsable) return cached.value;
    throw new Error(`no ${expected.split(':')[0]} in the secret ${secretName}`);
  }
}

/**
 * Name, code and status only: the SDK's message quotes malformed JSON from the vault, with any secret in it.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? [error.statusCode] : [];
  // The code comes from the vault: letters only, because a key has digits too.
  return [...[error.name, code].filter((word) => /^[A-Za-z_]{1,40}$/.test(word)), ...status].join(' ');
}
