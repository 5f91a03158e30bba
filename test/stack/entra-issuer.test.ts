import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EntraIssuer, startEntraIssuer } from './entra-issuer.ts';

let issuer: EntraIssuer;
beforeAll(async () => {
  issuer = await startEntraIssuer();
});
afterAll(() => issuer.stop());

const SECRET_GRANT = () => ({
  grant_type: 'client_credentials',
  client_id: issuer.application.clientId,
  client_secret: issuer.application.clientSecret,
  scope: `api://${issuer.audience}/.default`,
});

async function read(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json();
  return Object(body);
}

/** Asks for a token where the discovery document says. */
async function askForToken(form: Record<string, string>): Promise<Response> {
  const { authority, tenantId } = issuer;
  const discovered = await read(
    await fetch(`${authority}/${tenantId}/v2.0/.well-known/openid-configuration`),
  );
  return fetch(String(discovered['token_endpoint']), { method: 'POST', body: new URLSearchParams(form) });
}

it('gives an application a token that its published keys verify', async () => {
  const response = await askForToken(SECRET_GRANT());
  expect(response.status).toBe(200);
  const { token_type, expires_in, access_token } = await read(response);
  expect({ token_type, expires_in }).toEqual({ token_type: 'Bearer', expires_in: 3600 });

  const { authority, tenantId, audience, application } = issuer;
  const keys = createRemoteJWKSet(new URL(`${authority}/${tenantId}/discovery/v2.0/keys`));
  const { payload } = await jwtVerify(String(access_token), keys, {
    issuer: `${authority}/${tenantId}/v2.0`,
    audience,
  });
  expect(payload).toMatchObject({
    tid: tenantId,
    ver: '2.0',
    azp: application.clientId,
    oid: application.objectId,
    sub: application.objectId,
    roles: ['Iterations.Rename'],
  });
});

it.each([
  { case: 'another flow', change: { grant_type: 'password' }, status: 400, error: 'unsupported_grant_type' },
  { case: 'a wrong secret', change: { client_secret: 'guess' }, status: 401, error: 'invalid_client' },
  { case: 'another application', change: { client_id: 'other' }, status: 401, error: 'invalid_client' },
  {
    case: 'another API',
    change: { scope: 'https://graph.microsoft.com/.default' },
    status: 400,
    error: 'invalid_scope',
  },
])('gives no token for $case', async ({ change, status, error }) => {
  const response = await askForToken({ ...SECRET_GRANT(), ...change });
  expect(response.status).toBe(status);
  expect(await read(response)).toEqual({ error });
});

it('publishes a new key beside the old one, until the old one is withdrawn', async () => {
  const published = async () => {
    const { keys } = await read(await fetch(`${issuer.authority}/${issuer.tenantId}/discovery/v2.0/keys`));
    return Array.isArray(keys) ? keys.map((key) => String(Object(key).kid)) : [];
  };
  const kid = async () => String(decodeProtectedHeader(await issuer.sign({})).kid);
  const old = await kid();
  await issuer.rotate();
  const current = await kid();
  expect(current).not.toBe(old);
  expect(await published()).toEqual([old, current]);
  issuer.withdrawOldKeys();
  expect(await published()).toEqual([current]);
});

it('makes tokens of both versions, for an application and for a user of it', async () => {
  const { application, user, audience, tenantId, authority, claims } = issuer;
  const v1 = {
    ver: '1.0',
    iss: `https://sts.windows.net/${tenantId}/`,
    aud: `api://${audience}`,
    appid: application.clientId,
  };
  const v2 = { ver: '2.0', iss: `${authority}/${tenantId}/v2.0`, aud: audience, azp: application.clientId };
  const own = { oid: application.objectId, sub: application.objectId, roles: ['Iterations.Rename'] };
  const delegated = { oid: user.objectId, sub: user.subject, scp: 'Iterations.Rename' };
  expect(decodeJwt(await issuer.sign(claims.applicationV1()))).toMatchObject({ ...v1, ...own });
  expect(decodeJwt(await issuer.sign(claims.applicationV2()))).toMatchObject({ ...v2, ...own });
  expect(decodeJwt(await issuer.sign(claims.userV1()))).toMatchObject({ ...v1, ...delegated });
  expect(decodeJwt(await issuer.sign(claims.userV2()))).toMatchObject({ ...v2, ...delegated });
});
