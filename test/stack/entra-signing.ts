import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';

export type PublishedKey = JWK & { kid: string };

export interface EntraSigning {
  /** Signs with the key in force, under header values of the test's own. */
  sign: (claims: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
  /** The key in force, as the world sees it. */
  publicJwk: () => PublishedKey;
  /** Publishes a new key beside the old ones and signs with it from now on. */
  rotate: () => Promise<void>;
  /** Publishes the key in force alone. */
  withdrawOldKeys: () => void;
}

/** The keys that a tenant's tokens are signed with, and `published`, the set that the world verifies them by. */
export async function createEntraSigning(): Promise<EntraSigning & { published: PublishedKey[] }> {
  const published: PublishedKey[] = [];
  let signing = await addKey();

  async function addKey() {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const kid = randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig' }; // as Entra's: without `alg`
    published.push(jwk);
    return { privateKey, jwk };
  }

  return {
    published,
    sign: (payload, header = {}) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signing.jwk.kid, ...header })
        .sign(signing.privateKey, { crit: extensionsIn(header) }),
    publicJwk: () => signing.jwk,
    async rotate() {
      signing = await addKey();
    },
    withdrawOldKeys: () => void published.splice(0, published.length, signing.jwk),
  };
}

/** An extension that the token declares must be known to who signs it, too. */
function extensionsIn({ crit }: Record<string, unknown>): Record<string, boolean> {
  return Object.fromEntries(Array.isArray(crit) ? crit.map((name) => [String(name), true]) : []);
}
