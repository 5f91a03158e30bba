import { parseTrainingKey, type TrainingKey } from './training-key.ts';

/** Reads a secret's newest value; rejects after its own time limit. */
export type GetSecret = (secretName: string) => Promise<string | undefined>;

export type KeyVaultEvent = {
  readonly event: 'key_vault_failed';
  readonly secretName: string;
  readonly reason: string;
  /** True where a key fetched earlier could be used instead. */
  readonly stale: boolean;
};

const MAX_STALE_MS = 24 * 60 * 60 * 1000;
/** While the vault is down, ask it again only this often instead of letting each rename wait for it. */
const RETRY_AFTER_FAILURE_MS = 10_000;

interface CachedKey {
  readonly key: TrainingKey;
  readonly fetchedAtMs: number;
}

/** Training keys from the vault: fetched once for all who ask at the same time, kept for their time to live, used stale while the vault is down. */
export function createTrainingKeys({
  getSecret,
  ttlMs,
  now,
  report,
}: {
  readonly getSecret: GetSecret;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly report: (event: KeyVaultEvent) => void;
}) {
  const cached = new Map<string, CachedKey>();
  const fetching = new Map<string, Promise<TrainingKey>>();
  const failedAtMs = new Map<string, number>();

  return {
    async get(secretName: string): Promise<TrainingKey> {
      const held = cached.get(secretName);
      if (held !== undefined) {
        const ageMs = now() - held.fetchedAtMs;
        if (ageMs < ttlMs) return held.key;
        const sinceFailureMs = now() - (failedAtMs.get(secretName) ?? Number.NEGATIVE_INFINITY);
        if (sinceFailureMs < RETRY_AFTER_FAILURE_MS && ageMs < MAX_STALE_MS) return held.key;
      }
      return fetchOnce(secretName);
    },

    async replacementFor(secretName: string, refused: TrainingKey): Promise<TrainingKey> {
      const held = cached.get(secretName);
      if (held !== undefined && held.key.value !== refused.value) return held.key; // someone has fetched it meanwhile
      return fetchOnce(secretName);
    },
  };

  function fetchOnce(secretName: string): Promise<TrainingKey> {
    const underWay = fetching.get(secretName);
    if (underWay !== undefined) return underWay;
    const fetched = fetchKey(secretName).finally(() => fetching.delete(secretName));
    fetching.set(secretName, fetched);
    return fetched;
  }

  async function fetchKey(secretName: string): Promise<TrainingKey> {
    const held = cached.get(secretName);
    const isUsable = held !== undefined && now() - held.fetchedAtMs < MAX_STALE_MS;
    let reason;
    try {
      const key = parseTrainingKey(await getSecret(secretName));
      if (key !== null) {
        cached.set(secretName, { key, fetchedAtMs: now() });
        failedAtMs.delete(secretName);
        return key;
      }
      reason = 'the secret holds no training key: 16 to 512 visible ASCII characters are needed';
    } catch (error) {
      reason = describe(error);
    }
    failedAtMs.set(secretName, now());
    report({ event: 'key_vault_failed', secretName, reason, stale: isUsable });
    if (isUsable) return held.key;
    throw new Error(`no training key in the secret ${secretName}`);
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
