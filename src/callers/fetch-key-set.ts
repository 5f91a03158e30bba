import type { JSONWebKeySet } from 'jose';
import { isObject } from '../json/is-object.ts';
import type { FetchKeySet } from './entra-key-set.ts';

const TIMEOUT_MS = 5000;
/** A tenant publishes far less: a few keys with a certificate each. */
const MAX_BYTES = 256 * 1024;

/**
 * Fetches a tenant's key set from the configured address only: a discovery document or a redirect could lead
 * elsewhere. https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
export function createFetchKeySet({
  authority,
  tenantId,
  timeoutMs = TIMEOUT_MS,
}: {
  readonly authority: string;
  readonly tenantId: string;
  readonly timeoutMs?: number;
}): FetchKeySet {
  const url = new URL(`/${tenantId}/discovery/v2.0/keys`, authority);
  return async () => {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (response.status !== 200) throw new Error(`the key set was answered with ${response.status}`);
    const keySet: unknown = JSON.parse(await readBounded(response));
    if (!isKeySet(keySet)) throw new Error('not a key set');
    return keySet;
  };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Error('the key set is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Rejects empty sets: they would refuse every token. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].length > 0;
}
