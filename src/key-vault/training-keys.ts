import { createCachedSecrets, type GetSecret, type KeyVaultEvent } from './cached-secrets.ts';
import { parseTrainingKey, type TrainingKey } from './training-key.ts';

/** Training keys from the vault. Both methods throw where no key can be had. */
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
  const keys = createCachedSecrets<TrainingKey>({
    getSecret,
    parse: parseTrainingKey,
    expected: 'the secret holds no training key: 16 to 512 visible ASCII characters are needed',
    ttlMs,
    now,
    report,
  });
  return {
    get: (secretName: string) => keys.get(secretName),

    async replacementFor(secretName: string, refused: TrainingKey): Promise<TrainingKey> {
      const held = await keys.get(secretName);
      if (held.value !== refused.value) return held; // someone has fetched it meanwhile
      return keys.refreshed(secretName, 0);
    },
  };
}
