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
    expected: 'training key: 16 to 512 visible ASCII characters are needed',
    ttlMs,
    now,
    report,
  });
  return {
    get: (secretName: string) => keys.get(secretName),

    /** The key that has replaced `refused`, or `refused` itself where the vault knows none newer. */
    replacementFor: (secretName: string, refused: TrainingKey) =>
      keys.replacementFor(secretName, ({ value }) => value === refused.value),
  };
}
