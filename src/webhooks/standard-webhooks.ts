import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { SignatureScheme, SignatureVerdict, SignedDelivery } from './signature-scheme.ts';

/** Past and future, as https://www.standardwebhooks.com recommends. */
const TOLERANCE_MS = 5 * 60 * 1000;
const TIMESTAMP = /^[0-9]{1,12}$/;
/** A sender that rotates its secret sends several. The bound limits the work that one request can cause. */
const MAX_SIGNATURES = 16;

/** Symmetric keys, as some senders show them with the version of their signatures. */
const SHOWN_SECRET = /^(?:v1,)?whsec_(.*)$/;

/**
 * Standard Webhooks 1.0: the signature covers id, timestamp and body. Svix, who began it, sends headers of
 * its own name. A secret is `whsec_` and base64; of one without the prefix, some senders take the base64,
 * others the bytes.
 */
export const standardWebhooks = createTimestampedScheme({
  prefixes: ['webhook-', 'svix-'],
  signersOf(secret) {
    const shown = SHOWN_SECRET.exec(secret)?.[1];
    return shown === undefined ? [base64Signer(secret), bytesSigner(secret)] : [base64Signer(shown)];
  },
});

/**
 * MLflow signs in the same way, with header names of its own and the bytes of the secret as the key.
 * https://mlflow.org/docs/latest/ml/webhooks
 */
export const mlflow = createTimestampedScheme({
  prefixes: ['x-mlflow-'],
  id: 'delivery-id',
  signersOf: (secret) => [bytesSigner(secret)],
});

type Signer = Pick<Webhook, 'sign'>;

function bytesSigner(secret: string): Signer {
  return new Webhook(Buffer.from(secret, 'utf8'), { format: 'raw' });
}

/** Null where the secret is not base64: as such it verifies nothing. */
function base64Signer(secret: string): Signer | null {
  try {
    return new Webhook(secret);
  } catch {
    return null;
  }
}

/**
 * Uses only the library's signing: its `verify` reads the clock itself and accepts the timestamp
 * `1700000000xyz`.
 */
function createTimestampedScheme({
  prefixes: [usual, ...others],
  id: idName = 'id',
  signersOf,
}: {
  /**
   * Of the names of the three headers. The first of them that came with a signature counts, for its id as
   * well.
   */
  readonly prefixes: readonly [string, ...string[]];
  readonly id?: string;
  readonly signersOf: (secret: string) => readonly (Signer | null)[];
}): SignatureScheme {
  const headersOf = ({ header }: SignedDelivery) => {
    const prefix = [usual, ...others].find((name) => header(`${name}signature`) !== null) ?? usual;
    return (name: string) => header(`${prefix}${name}`) ?? '';
  };
  return {
    deliveryId: (delivery) => headersOf(delivery)(idName),
    async verify(delivery, secret, nowMs): Promise<SignatureVerdict> {
      const header = headersOf(delivery);
      const id = header(idName);
      const timestamp = header('timestamp');
      const signatures = header('signature').split(' ').slice(0, MAX_SIGNATURES);
      if (id === '' || !TIMESTAMP.test(timestamp)) return 'signature_malformed';
      const sentAtMs = Number(timestamp) * 1000;
      if (Math.abs(nowMs - sentAtMs) > TOLERANCE_MS) return 'timestamp_stale';
      const matches = signersOf(secret)
        .filter((signer) => signer !== null)
        .map((signer) => Buffer.from(signer.sign(id, new Date(sentAtMs), delivery.text)))
        .flatMap((expected) => signatures.map((signature) => isSame(Buffer.from(signature), expected)));
      return matches.includes(true) ? 'matches' : 'signature_mismatch';
    },
  };
}

function isSame(signature: Buffer, expected: Buffer): boolean {
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
