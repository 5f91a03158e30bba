/** Why a caller is turned away. `issuer_unavailable`: nobody can tell just now whether the credential is good. */
export type CallerErrorCode = 'unauthenticated' | 'issuer_unavailable' | 'forbidden';

export class CallerError extends Error {
  override readonly name = 'CallerError';
  readonly code: CallerErrorCode;
  /** For the log only: a stranger learns nothing from the answer. */
  readonly reason: string;
  /** The value of `WWW-Authenticate` (RFC 6750, section 3). */
  readonly challenge: string;

  constructor(code: CallerErrorCode, reason: string, options: ErrorOptions & { challenge?: string } = {}) {
    super(`${code}: ${reason}`, options);
    this.code = code;
    this.reason = reason;
    this.challenge = options.challenge ?? 'Bearer';
  }
}
