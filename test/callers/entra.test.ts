import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuthenticatedCaller } from '../../src/callers/authenticate.ts';
import { createEntraAuthentication } from '../../src/callers/entra.ts';
import { createEntraKeySet, type EntraKeySet } from '../../src/callers/entra-key-set.ts';
import { createFetchKeySet } from '../../src/callers/fetch-key-set.ts';
import { type EntraIssuer, startEntraIssuer } from '../stack/entra-issuer.ts';
import { TOKEN_ATTACKS } from './token-attacks.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const nowSeconds = NOW_MS / 1000;
const now = () => NOW_MS;

let issuer: EntraIssuer;
let attacker: EntraIssuer;
beforeAll(async () => {
  [issuer, attacker] = await Promise.all([startEntraIssuer({ now }), startEntraIssuer({ now })]);
});
afterAll(() => Promise.all([issuer.stop(), attacker.stop()]));

/** With keys that are fetched at most twice, so that unknown key ids cost nothing here. */
function authentication(
  overrides: Partial<Pick<EntraIssuer, 'audience' | 'tenantId' | 'authority'>> & {
    keySet?: EntraKeySet;
  } = {},
) {
  const { authority, tenantId, audience } = issuer;
  const keySet = createEntraKeySet({ fetchKeySet: createFetchKeySet({ authority, tenantId }), now });
  const authenticate = createEntraAuthentication({
    authority,
    tenantId,
    audience,
    keySet,
    now,
    ...overrides,
  });
  return (headers: Record<string, string>): Promise<AuthenticatedCaller> =>
    authenticate({ header: (name) => headers[name] ?? null });
}

const bearer = async (claims: Record<string, unknown>) => ({
  authorization: `Bearer ${await issuer.sign(claims)}`,
});

it.each(['applicationV1', 'applicationV2'] as const)('knows an application by its ids: %s', async (kind) => {
  const { caller, ids, permissions } = await authentication()(await bearer(issuer.claims[kind]()));
  const { objectId, clientId } = issuer.application;
  expect(caller).toEqual({ kind: 'entra-application', id: `entra:${objectId}`, name: null });
  expect(ids).toEqual([`entra:${objectId}`, `entra:${clientId}`]);
  expect(permissions).toEqual(new Set(['rename', 'read']));
});

it.each(['userV1', 'userV2'] as const)('knows a user by the object id only: %s', async (kind) => {
  const { caller, ids, permissions } = await authentication()(await bearer(issuer.claims[kind]()));
  const id = `entra:${issuer.user.objectId}`;
  expect(caller).toEqual({ kind: 'entra-user', id, name: 'grace@example.com' });
  expect(ids, 'what the app may do by itself is not its users').toEqual([id]);
  expect(permissions).toEqual(new Set(['rename', 'read']));
});

it.each([
  { case: 'a role', kind: 'applicationV2', change: { roles: ['Iterations.Read'] }, permissions: ['read'] },
  {
    case: 'both roles',
    kind: 'applicationV2',
    change: { roles: ['Iterations.Read', 'Iterations.Rename'] },
    permissions: ['rename', 'read'],
  },
  {
    case: 'a role, typed as an application',
    kind: 'applicationV2',
    change: { idtyp: 'app', sub: 'x' },
    permissions: ['rename', 'read'],
  },
  { case: 'a scope', kind: 'userV2', change: { scp: 'openid Iterations.Read' }, permissions: ['read'] },
  {
    case: 'a scope, with a role of the user',
    kind: 'userV2',
    change: { scp: 'Iterations.Read', roles: ['Iterations.Rename'] },
    permissions: ['read'],
  },
  {
    case: 'a scope, typed as a user',
    kind: 'userV2',
    change: { idtyp: 'user' },
    permissions: ['rename', 'read'],
  },
] as const)('lets a token do what it says: $case', async ({ kind, change, permissions }) => {
  const authenticated = await authentication()(await bearer({ ...issuer.claims[kind](), ...change }));
  expect(authenticated.permissions).toEqual(new Set(permissions));
});

it.each([
  { case: 'expired 59 seconds ago', change: { exp: nowSeconds - 59 } },
  { case: 'valid 59 seconds from now', change: { nbf: nowSeconds + 59, iat: nowSeconds + 59 } },
])('accepts a token within the clock tolerance: $case', async ({ change }) => {
  const request = authentication()(await bearer({ ...issuer.claims.applicationV2(), ...change }));
  await expect(request).resolves.toBeDefined();
});

it.each([
  { case: 'the app id, for its id URI', setting: (id: string) => `api://${id}`, aud: (id: string) => id },
  { case: 'the id URI, for the app id', setting: (id: string) => id, aud: (id: string) => `api://${id}` },
  { case: 'the app id in capitals', setting: (id: string) => id.toUpperCase(), aud: (id: string) => id },
  { case: 'an id URI with a name', setting: () => 'api://renames', aud: () => 'api://renames' },
])('accepts as audience $case', async ({ setting, aud }) => {
  const authenticate = authentication({ audience: setting(issuer.audience) });
  const request = authenticate(await bearer({ ...issuer.claims.applicationV2(), aud: aud(issuer.audience) }));
  await expect(request).resolves.toBeDefined();
});

it('refuses a bare name for an id URI with a name', async () => {
  const authenticate = authentication({ audience: 'api://renames' });
  const request = authenticate(await bearer({ ...issuer.claims.applicationV2(), aud: 'renames' }));
  await expect(request).rejects.toMatchObject({ reason: 'audience' });
});

it('accepts the tenant id in capitals', async () => {
  const authenticate = authentication({ tenantId: issuer.tenantId.toUpperCase() });
  await expect(authenticate(await bearer(issuer.claims.applicationV2()))).resolves.toBeDefined();
});

const SECURITY_TOKEN_SERVICES = [
  { authority: 'https://login.microsoftonline.com', v1: 'https://sts.windows.net' },
  { authority: 'https://login.microsoftonline.us', v1: 'https://sts.windows.net' },
  { authority: 'https://login.partner.microsoftonline.cn', v1: 'https://sts.chinacloudapi.cn' },
  { authority: 'https://login.partner.microsoftonline.cn.example.com', v1: 'https://sts.windows.net' },
];
it.each(SECURITY_TOKEN_SERVICES)('expects the issuers of $authority', async ({ authority, v1 }) => {
  const authenticate = authentication({ authority });
  const from = async (kind: 'applicationV1' | 'applicationV2', iss: string) =>
    authenticate(await bearer({ ...issuer.claims[kind](), iss }));
  await from('applicationV2', `${authority}/${issuer.tenantId}/v2.0`);
  await from('applicationV1', `${v1}/${issuer.tenantId}/`);
  for (const other of SECURITY_TOKEN_SERVICES.filter((cloud) => cloud.authority !== authority)) {
    const foreign = from('applicationV2', `${other.authority}/${issuer.tenantId}/v2.0`);
    await expect(foreign).rejects.toMatchObject({ reason: 'issuer' });
    if (other.v1 === v1) continue;
    const foreignV1 = from('applicationV1', `${other.v1}/${issuer.tenantId}/`);
    await expect(foreignV1).rejects.toMatchObject({ reason: 'issuer' });
  }
});

it.each([
  { case: 'control characters', name: 'a\u0000\u001B[31m\r\nb\u2028c', kept: 'a[31mbc' },
  { case: 'a bidirectional override', name: 'ab\u202Ecd', kept: 'abcd' },
  { case: 'a very long name', name: '\u{1F600}'.repeat(500), kept: '\u{1F600}'.repeat(50) },
  {
    case: 'half a character at the bound',
    name: `x${'\u{1F600}'.repeat(500)}`,
    kept: `x${'\u{1F600}'.repeat(49)}\uFFFD`,
  },
  { case: 'no visible character', name: '\u200B', kept: null },
  { case: 'no text', name: { admin: true }, kept: null },
])('keeps the readable part of a name: $case', async ({ name, kept }) => {
  const users = await bearer({ ...issuer.claims.userV2(), preferred_username: name });
  expect((await authentication()(users)).caller.name).toBe(kept);
  const applications = await bearer({ ...issuer.claims.applicationV1(), app_displayname: name });
  expect((await authentication()(applications)).caller.name).toBe(kept);
});

it.each([
  { claims: { upn: 'ada@example.com', name: 'Ada' }, kept: 'ada@example.com' },
  { claims: { name: 'Ada' }, kept: 'Ada' },
  { claims: {}, kept: null },
])('names a user by the first claim that there is, of $claims', async ({ claims, kept }) => {
  const {
    preferred_username: _preferred,
    upn: _upn,
    name: _name,
    ...others
  } = Object(issuer.claims.userV2());
  const { caller } = await authentication()(await bearer({ ...others, ...claims }));
  expect(caller.name).toBe(kept);
});

it.each(TOKEN_ATTACKS)('refuses $case', async ({ headers, reason }) => {
  const request = authentication()(await headers({ issuer, attacker, nowSeconds }));
  const realm = 'Bearer realm="custom-vision-rename-proxy"';
  await expect(request).rejects.toMatchObject({
    name: 'CallerError',
    reason,
    ...(reason === 'no_role_or_scope'
      ? { code: 'forbidden' }
      : {
          code: 'unauthenticated',
          challenge: reason === 'no_token' ? realm : `${realm}, error="invalid_token"`,
        }),
  });
});

it('never fetches what a token points to', () => {
  expect(attacker.journal).toEqual([]);
});

it('blames no token where the keys of the issuer cannot be had', async () => {
  const keySet = createEntraKeySet({ fetchKeySet: () => Promise.reject(new Error('no route')), now });
  await expect(authentication({ keySet })(await bearer(issuer.claims.applicationV2()))).rejects.toMatchObject(
    { code: 'issuer_unavailable' },
  );
});

it('refuses a token of 1 MiB without parsing it', async () => {
  const token = await issuer.sign({ ...issuer.claims.applicationV2(), padding: 'x'.repeat(1024 * 1024) });
  const fetches = issuer.journal.length;
  await expect(authentication()({ authorization: `Bearer ${token}` })).rejects.toMatchObject({
    reason: 'token_too_long',
  });
  expect(issuer.journal).toHaveLength(fetches);
});

it.each([
  { length: 16 * 1024, reason: 'malformed' },
  { length: 16 * 1024 + 1, reason: 'token_too_long' },
])('parses a header of $length characters, or refuses it as $reason', async ({ length, reason }) => {
  const authorization = `Bearer ${'x'.repeat(length - 'Bearer '.length)}`;
  await expect(authentication()({ authorization })).rejects.toMatchObject({ reason });
});
