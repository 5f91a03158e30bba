import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureScheme } from './signature-scheme.ts';

/**
 * How a sender without a scheme of its own writes its signature: an HMAC over the body, and nothing but the
 * body.
 */
export interface HmacFormat {
  readonly header: string;
  readonly algorithm: 'sha256' | 'sha384' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** Before the signature, such as `sha256=`. */
  readonly prefix: string;
}

const ENCODED = { hex: /^(?:[0-9a-f]{2})+$/i, base64: /^[A-Za-z0-9+/_-]+={0,2}$/ };

export function createHmacScheme(format: HmacFormat): SignatureScheme {
  const { header: signatureHeader, algorithm, encoding, prefix } = format;
  return {
    deliveryId: () => null,
    async verify({ header, text }, secret) {
      const sent = header(signatureHeader) ?? '';
      const encoded = sent.slice(prefix.length);
      if (!sent.startsWith(prefix) || !ENCODED[encoding].test(encoded)) return 'signature_malformed';
      const signature = Buffer.from(encoded, encoding);
      const expected = createHmac(algorithm, secret).update(text, 'utf8').digest();
      const matches = signature.length === expected.length && timingSafeEqual(signature, expected);
      return matches ? 'matches' : 'signature_mismatch';
    },
  };
}
