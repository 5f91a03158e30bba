import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

/** Two requests and the pause between them stay under the limit of 5 s for identity. */
const REQUEST_TIMEOUT_MS = 2000;

/**
 * The function app's managed identity. The credential ignores abort signals, so each of its requests is
 * bounded.
 */
export function createManagedIdentity(clientId: string | null): TokenCredential {
  const httpClient = createDefaultHttpClient();
  const bounded: HttpClient = {
    sendRequest(request) {
      // Not `request.timeout`: it ends with the headers, and an incomplete body would never end.
      request.abortSignal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      return httpClient.sendRequest(request);
    },
  };
  return new ManagedIdentityCredential({
    ...(clientId === null ? {} : { clientId }),
    httpClient: bounded,
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 500 },
  });
}
