/** An untrusted delivery: `text` is the body decoded as UTF-8 without loss. */
export interface SignedDelivery {
  readonly header: (name: string) => string | null;
  readonly text: string;
}

/** `matches`, or the reason why not; the reason is for the log only. */
export type SignatureVerdict = 'matches' | 'signature_malformed' | 'signature_mismatch' | 'timestamp_stale';

/** How one kind of sender signs its deliveries. */
export interface SignatureScheme {
  /**
   * The header that identifies a delivery: every retry repeats its value, no other delivery uses it, and the
   * signature covers it. Null where the signature covers the body only.
   */
  readonly signedIdHeader: string | null;
  /** Never throws, for any headers. */
  verify(delivery: SignedDelivery, secret: string, nowMs: number): Promise<SignatureVerdict>;
}
