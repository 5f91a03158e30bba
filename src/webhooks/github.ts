import { verify } from '@octokit/webhooks-methods';
import type { SignatureScheme } from './signature-scheme.ts';

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * GitHub signs the body only, without a timestamp and without `X-GitHub-Delivery`: anyone who has seen a
 * delivery could send it again under another id.
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const github: SignatureScheme = {
  deliveryId: () => null,
  async verify({ header, text }, secret) {
    const signature = header('x-hub-signature-256') ?? '';
    // The library throws on empty arguments.
    if (!SIGNATURE.test(signature) || text === '') return 'signature_malformed';
    return (await verify(secret, text, signature)) ? 'matches' : 'signature_mismatch';
  },
};
