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
   * Identifies a delivery: every retry repeats it, no other delivery has it, and the signature covers it.
   * Empty where the delivery lacks it; null where only the signed body can identify it.
   */
  deliveryId(delivery: SignedDelivery): string | null;
  /** Never throws, for any headers. */
  verify(delivery: SignedDelivery, secret: string, nowMs: number): Promise<SignatureVerdict>;
}
