import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Authenticate } from './authenticate.ts';
import { CallerError } from './caller-error.ts';
import { entraCaller } from './entra-caller.ts';
import type { EntraKeySet } from './entra-key-set.ts';
import { askForToken, type EntraRefusal, refuseToken } from './entra-refusal.ts';
import { isUuid } from '../text/uuid.ts';

/** `b64token` of RFC 6750, section 2.1. It has no comma, which joins repeated headers. */
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;
/** Entra's tokens take 1 to 4 KiB. Checked before parsing. */
const MAX_HEADER_LENGTH = 16 * 1024;
const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * Verifies the access tokens, version 1.0 and 2.0, that one tenant of Microsoft Entra ID issues for one
 * audience. https://learn.microsoft.com/entra/identity-platform/claims-validation
 */
export function createEntraAuthentication({
  tenantId,
  audience,
  authority,
  keySet,
  now,
}: {
  readonly tenantId: string;
  /** The app's id or its id URI `api://{id}`, which are equivalent, or a custom id URI. */
  readonly audience: string;
  readonly authority: string;
  readonly keySet: Pick<EntraKeySet, 'keyFor'>;
  readonly now: () => number;
}): Authenticate {
  const tenant = tenantId.toLowerCase();
  const versions = new Map([
    [`${authority}/${tenant}/v2.0`, '2.0'],
    [`${securityTokenService(authority)}/${tenant}/`, '1.0'],
  ]);
  const audiences = bothForms(audience);

  return async ({ header }) => entraCaller(await verify(bearerToken(header('authorization'))));

  async function verify(token: string): Promise<JWTPayload> {
    const nowMs = now();
    const claims = await jwtVerify(token, keySet.keyFor, {
      algorithms: ['RS256'],
      issuer: [...versions.keys()],
      requiredClaims: ['exp', 'nbf', 'iat'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(nowMs),
    }).then(
      ({ payload }) => payload,
      (error: unknown) => {
        throw error instanceof CallerError ? error : refuseToken(reasonOf(error), error);
      },
    );
    // Claims that jose does not check, or checks less strictly.
    if (typeof claims.aud !== 'string' || !audiences.has(claims.aud)) throw refuseToken('audience');
    if (claims['tid'] !== tenant) throw refuseToken('tenant');
    if (claims['ver'] !== versions.get(claims.iss ?? '')) throw refuseToken('version');
    if ((claims.iat ?? 0) > nowMs / 1000 + CLOCK_TOLERANCE_SECONDS) throw refuseToken('not_yet_valid');
    return claims;
  }
}

function bearerToken(header: string | null): string {
  if (header === null) throw askForToken();
  if (header.length > MAX_HEADER_LENGTH) throw refuseToken('token_too_long');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw refuseToken('no_bearer_token');
  return token;
}

/** Which of the two a token names depends on its version and on the client's request. */
function bothForms(audience: string): ReadonlySet<string> {
  const id = audience.replace(/^api:\/\//, '').toLowerCase();
  return isUuid(id) ? new Set([id, `api://${id}`]) : new Set([audience]);
}

/** Issues version 1.0 tokens; the public and the US Government cloud share one. */
function securityTokenService(authority: string): string {
  return /\.(partner\.microsoftonline|chinacloudapi)\.cn$/.test(authority)
    ? 'https://sts.chinacloudapi.cn'
    : 'https://sts.windows.net';
}

function reasonOf(error: unknown): EntraRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer';
    if (error.reason === 'missing') return 'claim_missing';
    return error.reason === 'check_failed' ? 'not_yet_valid' : 'malformed';
  }
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  return 'malformed';
}
