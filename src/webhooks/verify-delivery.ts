import { CallerError } from '../callers/caller-error.ts';
import type { CachedSecrets } from '../key-vault/cached-secrets.ts';
import { bodyIdentity } from './delivery-body.ts';
import { github } from './github.ts';
import { createHmacScheme, type HmacFormat } from './hmac.ts';
import type { SignatureScheme, SignatureVerdict, SignedDelivery } from './signature-scheme.ts';
import { mlflow, standardWebhooks } from './standard-webhooks.ts';
import type { WebhookSecret } from './webhook-secret.ts';

export const SIGNATURE_SCHEMES = {
  'standard-webhooks': standardWebhooks,
  github,
  mlflow,
} as const satisfies Record<string, SignatureScheme>;

export type SignedSource = {
  /** Names the secret in Key Vault. */
  readonly secret: string;
} & (
  | { readonly scheme: keyof typeof SIGNATURE_SCHEMES }
  | { readonly scheme: 'hmac'; readonly format: HmacFormat }
);

/** Resolves to the delivery's id; its body's digest where the sender names no delivery. Throws a `CallerError`. */
export type VerifyDelivery = (source: SignedSource, delivery: SignedDelivery) => Promise<string>;

/** A mismatch refetches the secret, but not more often: anyone can send a wrong signature. */
const REFETCH_EVERY_MS = 5000;
const MAX_DELIVERY_ID_LENGTH = 1024;
const CHALLENGE = 'Signature realm="custom-vision-rename-proxy"';

/** Verifies a delivery's signature, with a refetched secret when the cached one does not match. */
export function createVerifyDelivery({
  secrets,
  now,
}: {
  readonly secrets: CachedSecrets<WebhookSecret>;
  readonly now: () => number;
}): VerifyDelivery {
  const refetchedAtMs = new Map<string, number>();

  return async function verifyDelivery(source, delivery) {
    const { secret: secretName } = source;
    const scheme = schemeOf(source);
    const secret = await available(secrets.get(secretName));
    let verdict = await verifyWithAny(scheme, delivery, secret);
    if (verdict === 'signature_mismatch') {
      const newer = await newerThan(secret, secretName);
      if (newer !== secret) verdict = await verifyWithAny(scheme, delivery, newer);
    }
    if (verdict !== 'matches') throw refused(verdict);
    const deliveryId = scheme.deliveryId(delivery) ?? bodyIdentity(delivery.text);
    if (deliveryId === '' || deliveryId.length > MAX_DELIVERY_ID_LENGTH) throw refused('no_delivery_id');
    return deliveryId;
  };

  async function verifyWithAny(
    scheme: SignatureScheme,
    delivery: SignedDelivery,
    { values }: WebhookSecret,
  ): Promise<SignatureVerdict> {
    let verdict: SignatureVerdict = 'signature_mismatch';
    for (const value of values) {
      verdict = await scheme.verify(delivery, value, now());
      if (verdict !== 'signature_mismatch') return verdict;
    }
    return verdict;
  }

  async function newerThan(secret: WebhookSecret, secretName: string): Promise<WebhookSecret> {
    const sinceRefetchMs = now() - (refetchedAtMs.get(secretName) ?? Number.NEGATIVE_INFINITY);
    if (sinceRefetchMs < REFETCH_EVERY_MS) return secret;
    refetchedAtMs.set(secretName, now());
    return secrets
      .replacementFor(secretName, (cached, ageMs) => cached === secret && ageMs >= REFETCH_EVERY_MS)
      .catch(() => secret);
  }
}

function schemeOf(source: SignedSource): SignatureScheme {
  return source.scheme === 'hmac' ? createHmacScheme(source.format) : SIGNATURE_SCHEMES[source.scheme];
}

async function available<T>(secret: Promise<T>): Promise<T> {
  try {
    return await secret;
  } catch (error) {
    throw new CallerError('issuer_unavailable', 'webhook_secret_unavailable', { cause: error });
  }
}

function refused(reason: string): CallerError {
  return new CallerError('unauthenticated', reason, { challenge: CHALLENGE });
}
