import { createHmac, createPublicKey } from 'node:crypto';
import { UnsecuredJWT, type JWTPayload } from 'jose';
import type { EntraRefusal } from '../../src/callers/entra-refusal.ts';
import type { EntraIssuer } from '../stack/entra-issuer.ts';

export interface AttackedTenant {
  issuer: EntraIssuer;
  /** An issuer that the attacker runs: another tenant, other keys. */
  attacker: EntraIssuer;
  nowSeconds: number;
}

export interface TokenAttack {
  case: string;
  reason: EntraRefusal | 'no_token' | 'no_role_or_scope';
  /** The headers of the attack. */
  headers: (tenant: AttackedTenant) => Promise<Record<string, string>>;
}

type Change = (tenant: AttackedTenant) => Record<string, unknown>;
type Kind = keyof EntraIssuer['claims'];

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A token as Entra issues it for our app, with the changes of the attack; undefined removes a claim. */
function altered(
  reason: TokenAttack['reason'],
  what: string,
  change: Change,
  kind: Kind = 'applicationV2',
): TokenAttack {
  return {
    case: what,
    reason,
    headers: async (tenant) =>
      bearer(await tenant.issuer.sign({ ...tenant.issuer.claims[kind](), ...change(tenant) })),
  };
}

function withHeader(reason: TokenAttack['reason'], what: string, header: Change): TokenAttack {
  return {
    case: what,
    reason,
    headers: async (tenant) =>
      bearer(await tenant.issuer.sign(tenant.issuer.claims.applicationV2(), header(tenant))),
  };
}

/** Our claims, signed by the attacker. */
function foreign(reason: TokenAttack['reason'], what: string, header: Change): TokenAttack {
  return {
    case: what,
    reason,
    headers: async (tenant) =>
      bearer(await tenant.attacker.sign(tenant.issuer.claims.applicationV2(), header(tenant))),
  };
}

function raw(
  reason: TokenAttack['reason'],
  what: string,
  headers: (token: string, tenant: AttackedTenant) => Record<string, string>,
): TokenAttack {
  return {
    case: what,
    reason,
    headers: async (tenant) =>
      headers(await tenant.issuer.sign(tenant.issuer.claims.applicationV2()), tenant),
  };
}

const PRINCIPAL = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    claims: [{ typ: 'roles', val: 'Iterations.Rename' }],
    role_typ: 'roles',
  }),
).toString('base64');

/** Each must get a 401, or a 403 where the reason is `no_role_or_scope`, and cause no call to any service. */
export const TOKEN_ATTACKS: readonly TokenAttack[] = [
  // No credential where one belongs
  raw('no_token', 'no credential', () => ({})),
  raw('no_token', "the platform's headers, forged", (_, { issuer }) => ({
    'x-ms-client-principal': PRINCIPAL,
    'x-ms-client-principal-id': issuer.application.objectId,
    'x-ms-client-principal-name': 'admin',
    'x-ms-client-principal-idp': 'aad',
  })),
  raw('no_token', 'a good token in a header of the platform', (token) => ({
    'x-ms-token-aad-access-token': token,
  })),
  raw('no_bearer_token', 'a scheme without a token', () => ({ authorization: 'Bearer' })),
  raw('no_bearer_token', 'another scheme', (token) => ({ authorization: `Basic ${token}` })),
  raw('no_bearer_token', 'no scheme', (token) => ({ authorization: token })),
  raw('no_bearer_token', 'two tokens', (token) => ({ authorization: `Bearer ${token} ${token}` })),
  raw('no_bearer_token', 'two headers', (token) => ({ authorization: `Bearer ${token}, Bearer ${token}` })),
  raw('no_bearer_token', 'characters that no token has', (token) => ({
    authorization: `Bearer ${token};a=b`,
  })),
  raw('malformed', 'garbage', () => bearer('garbage')),
  raw('malformed', 'three dots', () => bearer('...')),
  raw('malformed', 'garbage in three parts', () => bearer('e30.e30.e30')),
  raw('malformed', 'a token cut off', (token) => bearer(token.slice(0, token.lastIndexOf('.')))),
  raw('token_too_long', 'a token of 20 KiB', (token) => bearer(token + 'A'.repeat(20 * 1024))),

  // Signatures
  raw('algorithm', 'alg none', (_, { issuer }) =>
    bearer(new UnsecuredJWT(issuer.claims.applicationV2()).encode()),
  ),
  ...['None', 'NONE', 'nOnE', ''].map((alg) =>
    raw(alg === '' ? 'malformed' : 'algorithm', `alg ${JSON.stringify(alg)}`, (_, { issuer }) =>
      bearer(`${encoded({ alg, kid: issuer.publicJwk().kid })}.${encoded(issuer.claims.applicationV2())}.`),
    ),
  ),
  ...(['pem', 'der', 'jwk'] as const).map((format) =>
    raw('algorithm', `HS256 keyed with the public key as ${format}`, (_, { issuer }) =>
      bearer(signedWithPublicKey(issuer, format)),
    ),
  ),
  ...['RS384', 'RS512', 'PS256'].map((alg) =>
    withHeader('algorithm', `the tenant's key under ${alg}`, () => ({ alg })),
  ),
  raw('signature', 'the signature of another token', (token, { issuer }) => {
    const claims = { ...issuer.claims.applicationV2(), oid: issuer.tenantId };
    const [header, , signature] = token.split('.');
    return bearer(`${header}.${encoded(claims)}.${signature}`);
  }),
  foreign('unknown_key', "a key of the attacker's", () => ({})),
  foreign('signature', "the tenant's key id over a key of the attacker's", ({ issuer }) => ({
    kid: issuer.publicJwk().kid,
  })),
  foreign('unknown_key', 'a key that the token brings along (jwk)', ({ attacker }) => ({
    jwk: attacker.publicJwk(),
  })),
  foreign(
    'signature',
    "a key that the token brings along, under the tenant's id",
    ({ attacker, issuer }) => ({
      jwk: attacker.publicJwk(),
      kid: issuer.publicJwk().kid,
    }),
  ),
  foreign('unknown_key', 'a key set that the token points to (jku)', ({ attacker }) => ({
    jku: `${attacker.authority}/${attacker.tenantId}/discovery/v2.0/keys`,
  })),
  foreign('unknown_key', 'a certificate that the token points to (x5u)', ({ attacker }) => ({
    x5u: `${attacker.authority}/certificate`,
  })),
  withHeader('unknown_key', 'no key id', () => ({ kid: undefined })),
  withHeader('malformed', 'an extension that must be understood (crit)', () => ({ crit: ['exp2'], exp2: 1 })),

  // Issuer, audience, tenant
  altered('issuer', 'the issuer of another tenant', ({ issuer, attacker }) => ({
    iss: `${issuer.authority}/${attacker.tenantId}/v2.0`,
  })),
  altered(
    'issuer',
    'the version 1 issuer of another tenant',
    ({ attacker }) => ({
      iss: `https://sts.windows.net/${attacker.tenantId}/`,
    }),
    'applicationV1',
  ),
  altered('issuer', 'an issuer of another host', ({ issuer, attacker }) => ({
    iss: `${attacker.authority}/${issuer.tenantId}/v2.0`,
  })),
  altered('issuer', 'the issuer with a slash more', ({ issuer }) => ({
    iss: `${issuer.authority}/${issuer.tenantId}/v2.0/`,
  })),
  altered('issuer', 'no issuer', () => ({ iss: undefined })),
  altered('audience', 'another audience', ({ attacker }) => ({ aud: attacker.audience })),
  altered('audience', 'the audience of Microsoft Graph', () => ({
    aud: '00000003-0000-0000-c000-000000000000',
  })),
  altered('audience', 'an audience that begins like ours', ({ issuer }) => ({ aud: `${issuer.audience}/x` })),
  altered('audience', 'several audiences, ours among them', ({ issuer, attacker }) => ({
    aud: [issuer.audience, attacker.audience],
  })),
  altered('audience', 'a list of our audience alone', ({ issuer }) => ({ aud: [issuer.audience] })),
  altered('audience', 'no audience', () => ({ aud: undefined })),
  altered('tenant', 'another tenant', ({ attacker }) => ({ tid: attacker.tenantId })),
  altered('tenant', 'no tenant', () => ({ tid: undefined })),
  altered('version', "version 1.0 from version 2.0's issuer", () => ({ ver: '1.0' })),
  altered('version', "version 2.0 from version 1.0's issuer", () => ({ ver: '2.0' }), 'applicationV1'),
  altered('version', 'no version', () => ({ ver: undefined })),

  // Times
  altered('expired', 'expired 61 seconds ago', ({ nowSeconds }) => ({ exp: nowSeconds - 61 })),
  altered('claim_missing', 'no expiry', () => ({ exp: undefined })),
  altered('malformed', 'an expiry that is no number', ({ nowSeconds }) => ({
    exp: String(nowSeconds + 3600),
  })),
  altered('not_yet_valid', 'not valid before 120 seconds from now', ({ nowSeconds }) => ({
    nbf: nowSeconds + 120,
  })),
  altered('claim_missing', 'no time from which it is valid', () => ({ nbf: undefined })),
  altered('claim_missing', 'no time of issue', () => ({ iat: undefined })),
  altered('not_yet_valid', 'issued 120 seconds from now', ({ nowSeconds }) => ({ iat: nowSeconds + 120 })),

  // What it allows, and whom it speaks for
  altered('no_role_or_scope', 'neither roles nor scopes', () => ({ roles: undefined })),
  altered('no_role_or_scope', 'other roles', () => ({ roles: ['Iterations.Delete', 'iterations.rename'] })),
  altered('no_role_or_scope', 'roles that are no list', () => ({ roles: 'Iterations.Rename' })),
  altered('no_role_or_scope', 'another scope', () => ({ scp: 'openid Iterations.RenameAll' }), 'userV2'),
  altered('no_role_or_scope', 'a list of scopes', () => ({ scp: ['Iterations.Rename'] }), 'userV2'),
  ...(['userV1', 'userV2'] as const).flatMap((kind) => [
    altered(
      'no_role_or_scope',
      `a user's roles in place of scopes (${kind})`,
      () => ({ scp: 'openid', roles: ['Iterations.Rename'] }),
      kind,
    ),
    altered(
      'no_role_or_scope',
      `a user's roles and an empty scope (${kind})`,
      () => ({ scp: '', roles: ['Iterations.Rename'] }),
      kind,
    ),
    altered(
      'no_role_or_scope',
      `a user's roles and no scope (${kind})`,
      () => ({ scp: undefined, roles: ['Iterations.Rename'], idtyp: 'user' }),
      kind,
    ),
    altered(
      'no_role_or_scope',
      `a delegated token that says it is an application's (${kind})`,
      () => ({ scp: 'openid', roles: ['Iterations.Rename'], idtyp: 'app' }),
      kind,
    ),
    altered(
      'no_access_token',
      `an id token of a user with roles (${kind})`,
      () => ({ scp: undefined, roles: ['Iterations.Rename'] }),
      kind,
    ),
  ]),
  altered('no_access_token', 'neither a user nor an application', () => ({ idtyp: 'device' })),
  altered('no_object_id', 'no object id', () => ({ oid: undefined })),
  altered('no_object_id', 'an object id that is none', () => ({ oid: '*', sub: '*' })),
  altered('no_object_id', 'a user without an object id', () => ({ oid: undefined }), 'userV2'),
  altered('no_client_id', 'an application without an id', () => ({ azp: undefined })),
  altered('no_client_id', "the other version's claim of the application's id", ({ issuer }) => ({
    azp: undefined,
    appid: issuer.application.clientId,
  })),
];

function encoded(part: JWTPayload): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Works where a verifier takes the algorithm from the token: the public key is then the secret. */
function signedWithPublicKey(issuer: EntraIssuer, format: 'pem' | 'der' | 'jwk'): string {
  const jwk = issuer.publicJwk();
  const key = createPublicKey({ format: 'jwk', key: { ...jwk } });
  const secret =
    format === 'jwk'
      ? JSON.stringify(jwk)
      : format === 'pem'
        ? key.export({ type: 'spki', format: 'pem' })
        : key.export({ type: 'spki', format: 'der' });
  const input = `${encoded({ alg: 'HS256', typ: 'JWT', kid: jwk.kid })}.${encoded(issuer.claims.applicationV2())}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
