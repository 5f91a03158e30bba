import type { TrainingKey, TrainingKeys } from '../custom-vision/exchange-with-key.ts';
import { createCachedSecrets, type GetSecret, type KeyVaultEvent } from './cached-secrets.ts';
import { parseTrainingKey } from './parse-training-key.ts';

/** Training keys from the vault, cached. */
export function createTrainingKeys({
  getSecret,
  ttlMs,
  now,
  sleep,
  report,
}: {
  readonly getSecret: GetSecret;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: (event: KeyVaultEvent) => void;
}): TrainingKeys {
  const keys = createCachedSecrets<TrainingKey>({
    getSecret,
    parse: parseTrainingKey,
    expected: 'training key: 16 to 512 visible ASCII characters are needed',
    ttlMs,
    now,
    sleep,
    report,
  });
  return {
    get: (secretName) => keys.get(secretName),
    replacementFor: (secretName, refused) =>
      keys.replacementFor(secretName, ({ value }) => value === refused.value),
  };
}
