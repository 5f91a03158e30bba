/** Reads a secret's newest value; rejects after its own time limit. */
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
  /** The held value where it is not outdated (somebody has fetched it meanwhile), else the vault's newest. */
  replacementFor(secretName: string, isOutdated: (held: T, ageMs: number) => boolean): Promise<T>;
}

const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** While the vault is down, ask it again only this often instead of letting each request wait for it. */
const RETRY_AFTER_FAILURE_MS = 10_000;

/** Values from the vault: fetched once for all who ask at the same time, kept for their time to live, used stale while the vault is down. */
export function createCachedSecrets<T extends object>({
  getSecret,
  parse,
  expected,
  ttlMs,
  now,
  report,
}: {
  readonly getSecret: GetSecret;
  /** Null where the secret's value is not usable. */
  readonly parse: (secretValue: string | undefined) => T | null;
  /** What the secret must hold: a noun, a colon, and what it takes. */
  readonly expected: string;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly report: (event: KeyVaultEvent) => void;
}): CachedSecrets<T> {
  const cached = new Map<string, { readonly value: T; readonly fetchedAtMs: number }>();
  const fetching = new Map<string, Promise<T>>();
  const failedAtMs = new Map<string, number>();

  return {
    async get(secretName) {
      const held = cached.get(secretName);
      if (held !== undefined) {
        const ageMs = now() - held.fetchedAtMs;
        if (ageMs < ttlMs) return held.value;
        const sinceFailureMs = now() - (failedAtMs.get(secretName) ?? Number.NEGATIVE_INFINITY);
        if (sinceFailureMs < RETRY_AFTER_FAILURE_MS && ageMs < MAX_STALE_MS) return held.value;
      }
      return fetchOnce(secretName);
    },

    async replacementFor(secretName, isOutdated) {
      await fetching.get(secretName)?.catch(() => {}); // it may have begun before the vault had the newer one
      const held = cached.get(secretName);
      if (held !== undefined && !isOutdated(held.value, now() - held.fetchedAtMs)) return held.value;
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
    const held = cached.get(secretName);
    const isUsable = held !== undefined && now() - held.fetchedAtMs < MAX_STALE_MS;
    let reason;
    try {
      const value = parse(await getSecret(secretName));
      if (value !== null) {
        cached.set(secretName, { value, fetchedAtMs: now() });
        failedAtMs.delete(secretName);
        return value;
      }
      reason = `the secret holds no ${expected}`;
    } catch (error) {
      reason = describe(error);
    }
    failedAtMs.set(secretName, now());
    report({ event: 'key_vault_failed', secretName, reason, stale: isUsable });
    if (isUsable) return held.value;
    throw new Error(`no ${expected.split(':')[0]} in the secret ${secretName}`);
  }
}

/** Name, code and status only: where the vault answers with malformed JSON, the SDK's message quotes it, secret and all. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? [error.statusCode] : [];
  // The code is the vault's own word: letters only, since a key has digits too.
  return [...[error.name, code].filter((word) => /^[A-Za-z_]{1,40}$/.test(word)), ...status].join(' ');
}
