import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { SignatureScheme, SignatureVerdict, SignedDelivery } from './signature-scheme.ts';

/** Past and future, as https://www.standardwebhooks.com recommends. */
const TOLERANCE_MS = 5 * 60 * 1000;
const TIMESTAMP = /^[0-9]{1,12}$/;
/** A sender that rotates its secret sends several. The bound limits the work that one request can cause. */
const MAX_SIGNATURES = 16;

/** Standard Webhooks 1.0: the secret is `whsec_` and base64; the signature covers id, timestamp and body. */
export const standardWebhooks = createTimestampedScheme({
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
  createSigner: (secret) => new Webhook(secret),
});

/**
 * MLflow signs in the same way, with header names of its own and the bytes of the secret as the key.
 * https://mlflow.org/docs/latest/ml/webhooks
 */
export const mlflow = createTimestampedScheme({
  id: 'x-mlflow-delivery-id',
  timestamp: 'x-mlflow-timestamp',
  signature: 'x-mlflow-signature',
  createSigner: (secret) => new Webhook(Buffer.from(secret, 'utf8'), { format: 'raw' }),
});

/**
 * Uses only the library's signing: its `verify` reads the clock itself and accepts the timestamp
 * `1700000000xyz`.
 */
function createTimestampedScheme(scheme: {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly createSigner: (secret: string) => Pick<Webhook, 'sign'>;
}): SignatureScheme {
  const verify = ({ header, text }: SignedDelivery, secret: string, nowMs: number): SignatureVerdict => {
    const id = header(scheme.id) ?? '';
    const timestamp = header(scheme.timestamp) ?? '';
    const signatures = (header(scheme.signature) ?? '').split(' ').slice(0, MAX_SIGNATURES);
    if (id === '' || !TIMESTAMP.test(timestamp)) return 'signature_malformed';
    const sentAtMs = Number(timestamp) * 1000;
    if (Math.abs(nowMs - sentAtMs) > TOLERANCE_MS) return 'timestamp_stale';
    const expected = Buffer.from(signed(scheme.createSigner, secret, id, sentAtMs, text));
    const matches = signatures.map((signature) => isSame(Buffer.from(signature), expected));
    return matches.includes(true) ? 'matches' : 'signature_mismatch';
  };
  return {
    signedIdHeader: scheme.id,
    async verify(...delivery) {
      try {
        return verify(...delivery);
      } catch {
        // The library throws for a secret that is not base64; such a secret verifies nothing.
        return 'signature_mismatch';
      }
    },
  };
}

function signed(
  createSigner: (secret: string) => Pick<Webhook, 'sign'>,
  secret: string,
  id: string,
  sentAtMs: number,
  text: string,
): string {
  return createSigner(secret).sign(id, new Date(sentAtMs), text);
}

function isSame(signature: Buffer, expected: Buffer): boolean {
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
