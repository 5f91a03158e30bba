import { describeVaultFailure } from './vault-failure.ts';

/** Reads a secret's newest value. Bounded in time. */
export type GetSecret = (secretName: string) => Promise<string | undefined>;

export type KeyVaultEvent = {
  readonly event: 'key_vault_failed';
  readonly secretName: string;
  readonly reason: string;
  /** True where a value fetched earlier could be used instead. */
  readonly stale: boolean;
};

/** Secrets of one kind. Both methods throw `SecretUnavailable` where no value can be had. */
export interface CachedSecrets<T> {
  get(secretName: string): Promise<T>;
  /** The cached value where it is not outdated (a concurrent call fetched it), else the vault's newest. */
  replacementFor(secretName: string, isOutdated: (cached: T, ageMs: number) => boolean): Promise<T>;
}

export interface CachedSecretsOptions<T> {
  readonly getSecret: GetSecret;
  /** Null where the secret's value is invalid. */
  readonly parse: (secretValue: string | undefined, secretName: string) => T | null;
  /** The expected content: a noun, a colon, and its requirements. */
  readonly expected: string;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: (event: KeyVaultEvent) => void;
}

export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
  /** True where the vault itself said no; false where it could not be asked. */
  readonly isRefusal: boolean;

  constructor(message: string, isRefusal: boolean) {
    super(message);
    this.isRefusal = isRefusal;
  }
}

const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** After a failure, ask the vault no more often than this while there is a value. */
const RETRY_AFTER_FAILURE_MS = 10_000;
/** In this part of its time to live, a value is refreshed behind the requests that use it. */
const FRESH_PART = 0.8;
/** A value past its time to live may have been withdrawn, so the vault gets this long to say so. */
const REFRESH_WAIT_MS = 250;

interface CachedSecret<T> {
  value: T | null;
  fetchedAtMs: number;
  failedAtMs: number;
  /** The vault has said no since the value was fetched. */
  isRefused: boolean;
  fetching: { readonly promise: Promise<T>; readonly sinceMs: number } | null;
}

const NEVER_FETCHED = {
  value: null,
  fetchedAtMs: Number.NEGATIVE_INFINITY,
  failedAtMs: Number.NEGATIVE_INFINITY,
  isRefused: false,
  fetching: null,
} as const;

/**
 * Caches secrets for their time to live. Concurrent calls share one fetch. Stale values serve while the vault
 * cannot be reached; a refusal by the vault ends a value's use at its time to live.
 */
export function createCachedSecrets<T extends object>({
  getSecret,
  parse,
  expected,
  ttlMs,
  now,
  sleep,
  report,
}: CachedSecretsOptions<T>): CachedSecrets<T> {
  const secrets = new Map<string, CachedSecret<T>>();

  return {
    async get(secretName) {
      const secret = cachedSecret(secretName);
      const known = usableValue(secret);
      if (known === null) return fetchOnce(secretName, secret).promise;
      const ageMs = now() - secret.fetchedAtMs;
      const mayAsk = now() - secret.failedAtMs >= RETRY_AFTER_FAILURE_MS;
      if (ageMs < ttlMs * FRESH_PART || !mayAsk) return known;
      const { promise, sinceMs } = fetchOnce(secretName, secret);
      const waitMs = ageMs < ttlMs ? 0 : REFRESH_WAIT_MS - (now() - sinceMs);
      if (waitMs > 0) return Promise.race([promise, sleep(waitMs).then(() => known)]);
      promise.catch(() => {}); // behind this request: the next one sees what came of it
      return known;
    },

    async replacementFor(secretName, isOutdated) {
      const secret = cachedSecret(secretName);
      await secret.fetching?.promise.catch(() => {}); // it may have begun before the secret was replaced
      const { value, fetchedAtMs } = secret;
      if (value !== null && !isOutdated(value, now() - fetchedAtMs)) return value;
      return fetchOnce(secretName, secret).promise;
    },
  };

  function cachedSecret(secretName: string): CachedSecret<T> {
    const known = secrets.get(secretName);
    if (known !== undefined) return known;
    const secret = { ...NEVER_FETCHED };
    secrets.set(secretName, secret);
    return secret;
  }

  function usableValue({ value, fetchedAtMs, isRefused }: CachedSecret<T>): T | null {
    return now() - fetchedAtMs < (isRefused ? ttlMs : MAX_STALE_MS) ? value : null;
  }

  function fetchOnce(secretName: string, secret: CachedSecret<T>) {
    if (secret.fetching !== null) return secret.fetching;
    const promise = fetchValue(secretName, secret).finally(() => {
      secret.fetching = null;
    });
    secret.fetching = { promise, sinceMs: now() };
    return secret.fetching;
  }

  async function fetchValue(secretName: string, secret: CachedSecret<T>): Promise<T> {
    let failure;
    try {
      const value = parse(await getSecret(secretName), secretName);
      if (value !== null) {
        const at = { fetchedAtMs: now(), failedAtMs: Number.NEGATIVE_INFINITY };
        Object.assign(secret, { value, ...at, isRefused: false });
        return value;
      }
      failure = { reason: `the secret holds no ${expected}`, isRefusal: true };
    } catch (error) {
      failure = describeVaultFailure(error);
    }
    secret.failedAtMs = now();
    secret.isRefused ||= failure.isRefusal;
    const known = usableValue(secret);
    report({ event: 'key_vault_failed', secretName, reason: failure.reason, stale: known !== null });
    if (known !== null) return known;
    throw unavailable(secretName, secret);
  }

  function unavailable(secretName: string, { isRefused }: CachedSecret<T>): SecretUnavailable {
    return new SecretUnavailable(`no ${expected.split(':')[0]} in the secret ${secretName}`, isRefused);
  }
}
