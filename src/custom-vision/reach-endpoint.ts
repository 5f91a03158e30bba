import type { SendRequest } from '../outbound/send-request.ts';

/** Asks an endpoint for its root, without a key. Any answer will do; rejects where there is none. */
export async function reachEndpoint(
  endpoint: URL,
  sendRequest: SendRequest,
  timeoutMs: number,
): Promise<void> {
  const { kind } = await sendRequest({
    method: 'GET',
    url: new URL('/', endpoint),
    headers: {},
    body: null,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (kind !== 'answered') throw new Error('the endpoint does not answer');
}
