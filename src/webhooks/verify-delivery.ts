import { CallerError } from '../callers/caller-error.ts';
import { type CachedSecrets, SecretUnavailable } from '../key-vault/cached-secrets.ts';
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

/**
 * Resolves to the delivery's identity, which a sender's retry repeats and no one else can choose: its id
 * where that is signed, else the hash of its body. Throws a `CallerError`.
 */
export type VerifyDelivery = (source: SignedSource, delivery: SignedDelivery) => Promise<string>;

/** A mismatch refetches the secret, but not more often: anyone can send a wrong signature. */
const REFETCH_EVERY_MS = 5000;
/** A secret that the vault has not, or refuses, is asked for no more often than this. */
const ASK_AGAIN_AFTER_REFUSAL_MS = 30_000;
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
  const refetchAtMs = new Map<string, number>();
  /** Of the secrets that cannot be had: when to ask for them again. */
  const askAgainAtMs = new Map<string, number>();

  return async function verifyDelivery(source, delivery) {
    const { secret: secretName } = source;
    const scheme = schemeOf(source);
    const secret = await secretOf(secretName);
    let verdict = await verifyWithAny(scheme, delivery, secret);
    if (verdict === 'signature_mismatch') {
      const newer = await newerThan(secret, secretName);
      if (newer !== secret) verdict = await verifyWithAny(scheme, delivery, newer);
    }
    if (verdict !== 'matches') throw refused(verdict);
    return identityOf(scheme, delivery);
  };

  async function secretOf(secretName: string): Promise<WebhookSecret> {
    if (now() < (askAgainAtMs.get(secretName) ?? 0)) throw secretUnavailable();
    try {
      return await secrets.get(secretName);
    } catch (error) {
      const isRefusal = error instanceof SecretUnavailable && error.isRefusal;
      askAgainAtMs.set(secretName, now() + (isRefusal ? ASK_AGAIN_AFTER_REFUSAL_MS : REFETCH_EVERY_MS));
      throw secretUnavailable(error);
    }
  }

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
    if (now() < (refetchAtMs.get(secretName) ?? 0)) return secret;
    refetchAtMs.set(secretName, now() + REFETCH_EVERY_MS);
    let isAsked = false;
    const isOutdated = (cached: WebhookSecret, ageMs: number): boolean => {
      isAsked = cached === secret && ageMs >= REFETCH_EVERY_MS;
      return isAsked;
    };
    const newer = await secrets.replacementFor(secretName, isOutdated).catch(() => secret);
    // What the vault hands out is a new object: it had none to hand out.
    if (isAsked && newer === secret) refetchAtMs.set(secretName, now() + ASK_AGAIN_AFTER_REFUSAL_MS);
    return newer;
  }
}

function schemeOf(source: SignedSource): SignatureScheme {
  return source.scheme === 'hmac' ? createHmacScheme(source.format) : SIGNATURE_SCHEMES[source.scheme];
}

function identityOf(scheme: SignatureScheme, delivery: SignedDelivery): string {
  const identity = scheme.deliveryId(delivery) ?? bodyIdentity(delivery.text);
  if (identity === '' || identity.length > MAX_DELIVERY_ID_LENGTH) throw refused('no_delivery_id');
  return identity;
}

function secretUnavailable(cause?: unknown): CallerError {
  return new CallerError('secret_unavailable', 'webhook_secret_unavailable', { cause });
}

function refused(reason: string): CallerError {
  return new CallerError('unauthenticated', reason, { challenge: CHALLENGE });
}
