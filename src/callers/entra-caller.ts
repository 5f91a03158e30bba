import type { JWTPayload } from 'jose';
import type { AuthenticatedCaller, Permission } from './authenticate.ts';
import { CallerError } from './caller-error.ts';
import { refuseToken } from './entra-refusal.ts';
import { isUuid } from '../text/uuid.ts';

const MAX_NAME_LENGTH = 100;

const RENAME = 'Iterations.Rename';
const READ = 'Iterations.Read';

/**
 * The caller of a verified access token. `roles` hold the permissions of an application, `scp` those of a
 * user; neither replaces the other.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function entraCaller(claims: JWTPayload): AuthenticatedCaller {
  return claims['scp'] !== undefined || claims['idtyp'] === 'user' ? userOf(claims) : applicationOf(claims);
}

/**
 * Identified by the user only: a grant to an app does not extend to its users. The `roles` of such a token
 * are the user's.
 */
function userOf(claims: JWTPayload): AuthenticatedCaller {
  const { oid, scp, preferred_username, upn, name } = claims;
  if (!isUuid(oid)) throw refuseToken('no_object_id');
  const id = callerId(oid);
  return {
    caller: { kind: 'entra-user', id, name: readableName(preferred_username ?? upn ?? name) },
    ids: [id],
    permissions: permissionsIn(isString(scp) ? scp.split(' ') : []),
  };
}

/**
 * In an application's own token the subject equals the object id. That distinguishes it from the id token of
 * a user with roles.
 */
function applicationOf(claims: JWTPayload): AuthenticatedCaller {
  const { oid, idtyp, azp, appid, roles } = claims;
  if (!isUuid(oid)) throw refuseToken('no_object_id');
  if (idtyp === undefined ? claims.sub !== oid : idtyp !== 'app') throw refuseToken('no_access_token');
  const clientId = claims['ver'] === '2.0' ? azp : appid;
  if (!isUuid(clientId)) throw refuseToken('no_client_id');
  return {
    caller: { kind: 'entra-application', id: callerId(oid), name: readableName(claims['app_displayname']) },
    ids: [callerId(oid), callerId(clientId)],
    permissions: permissionsIn(Array.isArray(roles) ? roles.filter(isString) : []),
  };
}

function callerId(uuid: string): string {
  return `entra:${uuid.toLowerCase()}`;
}

function permissionsIn(granted: readonly string[]): ReadonlySet<Permission> {
  if (granted.includes(RENAME)) return new Set(['rename', 'read'] as const);
  if (granted.includes(READ)) return new Set(['read'] as const);
  throw new CallerError('forbidden', 'no_role_or_scope');
}

/**
 * For people who read the record, never for a decision: a caller can change its own name to that of another.
 */
function readableName(claim: unknown): string | null {
  if (!isString(claim)) return null;
  const visible = claim.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, MAX_NAME_LENGTH);
  return visible === '' ? null : visible.toWellFormed();
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
