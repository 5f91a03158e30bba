import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { type EntraIssuer, startEntraIssuer } from './entra-issuer.ts';

const PAGE = 'http://127.0.0.1:7071/console';
let now: number;
let issuer: EntraIssuer;
beforeEach(async () => {
  now = Date.now();
  issuer = await startEntraIssuer({ now: () => now });
  issuer.publicClient.redirectUris.push(PAGE);
  return () => issuer.stop();
});

const verifier = randomBytes(32).toString('base64url');
const asked = () => ({
  client_id: issuer.publicClient.clientId,
  response_type: 'code',
  response_mode: 'fragment',
  redirect_uri: PAGE,
  scope: `openid profile offline_access api://${issuer.audience}/Iterations.Rename api://${issuer.audience}/Iterations.Read`,
  state: 'state & more',
  nonce: 'nonce-1',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});

const endpoint = (name: string) => `${issuer.authority}/${issuer.tenantId}/oauth2/v2.0/${name}`;

/** Opens the page of the sign-in, or presses a button on it. */
function authorize(change: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> {
  const query = new URLSearchParams({ ...asked(), ...change });
  return fetch(`${endpoint('authorize')}?${query.toString()}`, { redirect: 'manual', ...init });
}

const press = (button = '', change: Record<string, string> = {}) =>
  authorize(change, { method: 'POST', body: new URLSearchParams(button) });

/** What the page is told by the address that the browser is sent back to. */
function answerIn(response: Response): Record<string, string> {
  const location = response.headers.get('location') ?? '';
  expect([response.status, location.split('#')[0]]).toEqual([302, PAGE]);
  return Object.fromEntries(new URLSearchParams(location.split('#')[1]));
}

async function ask(
  form: Record<string, string>,
  headers: Record<string, string> = { origin: 'http://127.0.0.1:7071' },
) {
  const response = await fetch(endpoint('token'), {
    method: 'POST',
    headers,
    body: new URLSearchParams({ client_id: issuer.publicClient.clientId, ...form }),
  });
  const body: unknown = await response.json();
  const answer: Record<string, unknown> = Object(body);
  return { status: response.status, headers: response.headers, answer };
}

const redeem = (code: string, change: Record<string, string> = {}, headers?: Record<string, string>) =>
  ask(
    { grant_type: 'authorization_code', code, redirect_uri: PAGE, code_verifier: verifier, ...change },
    headers,
  );

describe('the sign-in of a person', () => {
  it('shows a page with a button, and sends the browser back with a code and the state', async () => {
    const page = await authorize();
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<button>Sign in as Ada</button>');
    const { code, state, ...others } = answerIn(await press());
    expect({ state, others }).toEqual({ state: 'state & more', others: { session_state: 's' } });
    expect(code).toMatch(/^[\w-]{43}$/);
  });

  it('gives the tokens that Entra gives a page: for the API and for the page itself, with the nonce', async () => {
    const { code = '' } = answerIn(await press());
    const { status, headers, answer } = await redeem(code);
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: asked().scope });
    const { publicClient, person: ada, audience, tenantId, authority } = issuer;
    const person = { iss: `${authority}/${tenantId}/v2.0`, oid: ada.objectId, tid: tenantId, name: 'Ada' };
    expect(decodeJwt(String(answer['access_token']))).toMatchObject({
      ...person,
      aud: audience,
      azp: publicClient.clientId,
      scp: 'Iterations.Rename Iterations.Read',
    });
    expect(decodeJwt(String(answer['id_token']))).toMatchObject({
      ...person,
      aud: publicClient.clientId,
      nonce: 'nonce-1',
    });
    const info: unknown = JSON.parse(Buffer.from(String(answer['client_info']), 'base64url').toString());
    expect(info).toEqual({ uid: ada.objectId, utid: tenantId });
  });

  it('redeems a code once', async () => {
    const { code = '' } = answerIn(await press());
    expect((await redeem(code)).status).toBe(200);
    expect(await redeem(code)).toMatchObject({ status: 400, answer: { error: 'invalid_grant' } });
  });

  it.each([
    { case: 'another verifier', change: { code_verifier: 'guess' } },
    { case: 'another address', change: { redirect_uri: 'http://127.0.0.1:7071/' } },
    { case: 'another client', change: { client_id: '55555555-5555-4555-8555-555555555555' } },
    { case: 'another code', change: { code: 'guess' } },
  ])('redeems no code with $case', async ({ change }) => {
    const { code = '' } = answerIn(await press());
    expect(await redeem(code, change)).toMatchObject({ status: 400, answer: { error: 'invalid_grant' } });
  });

  it('redeems no code outside a browser', async () => {
    const { code = '' } = answerIn(await press());
    expect(await redeem(code, {}, {})).toMatchObject({ status: 400, answer: { error: 'invalid_request' } });
  });

  it.each([
    { case: 'another address', change: { redirect_uri: `${PAGE}/` }, says: 'AADSTS50011' },
    { case: 'an unknown client', change: { client_id: 'x' }, says: 'AADSTS700016' },
  ])('sends the browser nowhere for $case', async ({ change, says }) => {
    for (const response of [await authorize(change), await press('', change)]) {
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      expect(await response.text()).toContain(says);
    }
  });

  it.each([
    { case: 'no proof key', change: { code_challenge: '' }, error: 'invalid_request' },
    { case: 'a proof key in clear', change: { code_challenge_method: 'plain' }, error: 'invalid_request' },
    { case: 'tokens in the address', change: { response_type: 'token' }, error: 'unsupported_response_type' },
    { case: 'an answer in the query', change: { response_mode: 'query' }, error: 'invalid_request' },
    {
      case: 'another API',
      change: { scope: 'https://graph.microsoft.com/User.Read' },
      error: 'invalid_scope',
    },
  ])('gives no code for $case', async ({ change, error }) => {
    expect(answerIn(await press('', change))).toMatchObject({ error, state: 'state & more' });
  });

  it('can be declined', async () => {
    expect(answerIn(await press('cancel=yes'))).toMatchObject({ error: 'access_denied' });
  });

  it('takes place without a page for who is signed in already, and asked for none', async () => {
    expect(answerIn(await authorize({ prompt: 'none' }))).toMatchObject({ error: 'login_required' });
    const [cookie = ''] = (await press()).headers.getSetCookie();
    expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=None$/);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect(answerIn(await authorize({ prompt: 'none' }, { headers }))).toHaveProperty('code');
    expect((await authorize({ prompt: 'select_account' }, { headers })).status).toBe(200);
    const [ended = ''] = (await fetch(endpoint('logout'))).headers.getSetCookie();
    expect(ended).toContain('Max-Age=0');
  });
});

/** Resolves with the refresh token. */
async function signIn(): Promise<string> {
  const { code = '' } = answerIn(await press());
  const { answer } = await redeem(code);
  return String(answer['refresh_token']);
}

const renew = (refresh_token: string, change: Record<string, string> = {}) =>
  ask({ grant_type: 'refresh_token', refresh_token, ...change });

describe('a refresh token', () => {
  it('gets new tokens, as short-lived as a test wants them', async () => {
    const first = await signIn();
    issuer.setTokenLifetime(2);
    const { status, answer } = await renew(first);
    expect({ status, expires: answer['expires_in'] }).toEqual({ status: 200, expires: 2 });
    const { iat = 0, exp = 0, scp } = decodeJwt(String(answer['access_token']));
    expect([exp - iat, scp]).toEqual([2, 'Iterations.Rename Iterations.Read']);
    const scope = `api://${issuer.audience}/Iterations.Read`;
    const narrower = (await renew(String(answer['refresh_token']), { scope })).answer;
    expect(decodeJwt(String(narrower['access_token']))['scp']).toBe('Iterations.Read');
  });

  it('gets none once it is revoked, nor for another client', async () => {
    const token = await signIn();
    expect((await renew(token, { client_id: 'x' })).answer).toMatchObject({ error: 'invalid_grant' });
    issuer.revokeRefreshTokens();
    expect((await renew(token)).answer).toMatchObject({ error: 'invalid_grant' });
  });

  it('ends a day after the sign-in, however often it was renewed', async () => {
    const first = await signIn();
    now += 86_399_000;
    const { answer } = await renew(first);
    expect(answer).toHaveProperty('access_token');
    now += 1000;
    expect((await renew(String(answer['refresh_token']))).answer).toMatchObject({ error: 'invalid_grant' });
  });
});

it('is found by its discovery document, which a page of any origin may read', async () => {
  const base = `${issuer.authority}/${issuer.tenantId}`;
  const discovered = await fetch(`${base}/v2.0/.well-known/openid-configuration`);
  expect(discovered.headers.get('access-control-allow-origin')).toBe('*');
  expect(await discovered.json()).toMatchObject({
    issuer: `${base}/v2.0`,
    authorization_endpoint: endpoint('authorize'),
    token_endpoint: endpoint('token'),
    jwks_uri: `${base}/discovery/v2.0/keys`,
    end_session_endpoint: endpoint('logout'),
  });
  const preflight = await fetch(endpoint('token'), { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
});
