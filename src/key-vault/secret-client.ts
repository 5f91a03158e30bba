import { SecretClient } from '@azure/keyvault-secrets';
import type { TokenCredential } from '@azure/identity';
import { isLoopback } from '../outbound/loopback.ts';
import type { GetSecret } from './cached-secrets.ts';

/** Per secret, retries included. */
const TIMEOUT_MS = 5000;

/** Reads secrets from one vault. Rejects with the SDK's errors, whose message may quote the vault's answer: never show it. */
export function createGetSecret({
  vaultUri,
  credential,
}: {
  readonly vaultUri: string;
  readonly credential: TokenCredential;
}): GetSecret {
  const client = new SecretClient(vaultUri, credential, {
    // Only a vault in the cloud lies under the domain that the check compares; beside those, settings allow loopback only.
    disableChallengeResourceVerification: isLoopback(new URL(vaultUri)),
    // The SDK would show the token to whatever host a redirect names, and take that one's answer for the secret.
    redirectOptions: { maxRetries: 0 },
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 1000 },
  });

  return async function getSecret(secretName) {
    const { value } = await client.getSecret(secretName, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    return value;
  };
}
