import type { SendRequest } from '../outbound/send-request.ts';

/** Asks an endpoint for its root, without any key: whatever it answers, it is there. Rejects where it is not. */
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
