import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

/** Twice this and the pause between stay under the 5 s that identity may take. */
const REQUEST_TIMEOUT_MS = 2000;

/** The function app's managed identity. The credential ignores abort signals, so its requests are bounded one by one. */
export function createManagedIdentity(clientId: string | null): TokenCredential {
  const httpClient = createDefaultHttpClient();
  const bounded: HttpClient = {
    sendRequest(request) {
      // Not `request.timeout`: that ends with the headers, and a body that stops half way would be waited for without end.
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
