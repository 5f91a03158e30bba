import { SecretClient } from '@azure/keyvault-secrets';
import type { TokenCredential } from '@azure/identity';
import { isLoopback } from '../outbound/loopback.ts';
import type { GetSecret } from './cached-secrets.ts';
import { SecretOutOfDate } from './vault-failure.ts';

/** Per secret, retries included. */
const TIMEOUT_MS = 5000;

/**
 * Reads secrets from one vault. Rejects with the SDK's errors. Never show their message: it may quote the
 * vault's answer.
 */
export function createGetSecret({
  vaultUri,
  credential,
  now,
}: {
  readonly vaultUri: string;
  readonly credential: TokenCredential;
  readonly now: () => number;
}): GetSecret {
  const client = new SecretClient(vaultUri, credential, {
    // The check compares domains of the cloud; besides these, the settings allow loopback only.
    disableChallengeResourceVerification: isLoopback(new URL(vaultUri)),
    // The SDK would send the token to the host that a redirect names, and accept its answer as the secret.
    redirectOptions: { maxRetries: 0 },
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 1000 },
  });

  return async function getSecret(secretName) {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    const { value, properties } = await client.getSecret(secretName, { abortSignal });
    const { notBefore, expiresOn } = properties;
    if (expiresOn !== undefined && expiresOn.getTime() <= now()) throw new SecretOutOfDate('SecretExpired');
    if (notBefore !== undefined && notBefore.getTime() > now())
      throw new SecretOutOfDate('SecretNotYetValid');
    return value;
  };
}
