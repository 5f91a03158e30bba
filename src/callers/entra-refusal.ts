import { CallerError } from './caller-error.ts';

/** Why a token is no good, for the log only. */
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

/** A request with a credential that is not good: RFC 6750, section 3.1. */
export function refuseToken(reason: EntraRefusal, cause?: unknown): CallerError {
  return new CallerError('unauthenticated', reason, {
    cause,
    challenge: `${CHALLENGE}, error="invalid_token"`,
  });
}

/** A request without any: it is told how to bring one, and no error. */
export function askForToken(): CallerError {
  return new CallerError('unauthenticated', 'no_token', { challenge: CHALLENGE });
}
