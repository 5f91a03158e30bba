import type { Permission } from './authenticate.ts';

/** What a caller asks to do: `rename` or `read` each include look-ups. */
export type Action = Permission | 'look-up';

/**
 * Why a caller is refused. `issuer_unavailable`: the credential cannot be checked now. `secret_unavailable`:
 * nor can a signature, since its secret cannot be had; the vault's failure is logged where it is met.
 */
export type CallerErrorCode = 'unauthenticated' | 'issuer_unavailable' | 'secret_unavailable' | 'forbidden';

/**
 * A request that no grant allows, as the log shows it. `resource` is null for reading, and for a caller
 * without any grant.
 */
export interface Denial {
  readonly callerId: string;
  readonly may: Action;
  readonly projectId: string | null;
  readonly resource: string | null;
}

export class CallerError extends Error {
  override readonly name = 'CallerError';
  readonly code: CallerErrorCode;
  /** For the log only: the answer tells an untrusted caller nothing. */
  readonly reason: string;
  /** The value of `WWW-Authenticate` (RFC 6750, section 3). */
  readonly challenge: string;
  readonly denial: Denial | null;

  constructor(
    code: CallerErrorCode,
    reason: string,
    options: ErrorOptions & { challenge?: string; denial?: Denial } = {},
  ) {
    super(`${code}: ${reason}`, options);
    this.code = code;
    this.reason = reason;
    this.challenge = options.challenge ?? 'Bearer';
    this.denial = options.denial ?? null;
  }
}
