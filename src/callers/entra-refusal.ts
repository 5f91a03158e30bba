import { CallerError } from './caller-error.ts';

/** Why a token is refused, for the log only. */
export type EntraRefusal =
  | 'no_bearer_token'
  | 'token_too_long'
  | 'malformed'
  | 'algorithm'
  | 'unknown_key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'tenant'
  | 'version'
  | 'expired'
  | 'not_yet_valid'
  | 'claim_missing'
  | 'no_access_token'
  | 'no_object_id'
  | 'no_client_id';

const CHALLENGE = 'Bearer realm="custom-vision-rename-proxy"';

/** For a request with an invalid token (RFC 6750, section 3.1). */
export function refuseToken(reason: EntraRefusal, cause?: unknown): CallerError {
  return new CallerError('unauthenticated', reason, {
    cause,
    challenge: `${CHALLENGE}, error="invalid_token"`,
  });
}

/** For a request without a token: the challenge names the scheme and no error. */
export function askForToken(): CallerError {
  return new CallerError('unauthenticated', 'no_token', { challenge: CHALLENGE });
}
