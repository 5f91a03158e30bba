/** A delivery as it came: `text` is the body's bytes read as UTF-8 without loss. */
export interface SignedDelivery {
  readonly header: (name: string) => string | null;
  readonly text: string;
}

/** `matches`, or why it does not: for the log only. */
export type SignatureVerdict = 'matches' | 'signature_malformed' | 'signature_mismatch' | 'timestamp_stale';

/** How one kind of sender signs what it delivers. */
export interface SignatureScheme {
  /** The header whose value is the same in each try of one delivery, and in no other delivery. */
  readonly deliveryIdHeader: string;
  /** Never throws, whatever the headers hold. */
  verify(delivery: SignedDelivery, secret: string, nowMs: number): Promise<SignatureVerdict>;
}
