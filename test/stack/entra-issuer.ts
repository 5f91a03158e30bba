import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

export interface EntraIssuer extends Omit<Simulator, 'origin'> {
  /** `ENTRA_AUTHORITY` */
  authority: string;
  tenantId: string;
  /** `ENTRA_AUDIENCE` */
  audience: string;
  /**
   * A registered application with the role Iterations.Rename; its secret gets it a token at the token
   * endpoint.
   */
  application: { clientId: string; objectId: string; clientSecret: string };
  /** Somebody who uses the application, and whose token says so by a scope. */
  user: { objectId: string; subject: string };
  /** The claims of a token as Entra would make it, to be changed and signed. */
  claims: Record<'applicationV1' | 'applicationV2' | 'userV1' | 'userV2', () => JWTPayload>;
  /** Signs with the key in force, under header values of the test's own. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** The key in force, as the world sees it. */
  publicJwk(): JWK & { kid: string };
  /** Publishes a new key beside the old ones and signs with it from now on. */
  rotate(): Promise<void>;
  /** Publishes the key in force alone. */
  withdrawOldKeys(): void;
}

export interface EntraIssuerOptions {
  port?: number;
  now?: () => number;
}

const TOKEN_LIFETIME_SECONDS = 3600;
const ROLE = 'Iterations.Rename';

/**
 * As much of Microsoft Entra ID as gives one tenant its tokens: the discovery document, the key set, and the
 * client credentials flow.
 */
export async function startEntraIssuer(options: EntraIssuerOptions = {}): Promise<EntraIssuer> {
  const { now = Date.now } = options;
  const tenantId = randomUUID();
  const audience = randomUUID();
  const application = { clientId: randomUUID(), objectId: randomUUID(), clientSecret: randomUUID() };
  const user = { objectId: randomUUID(), subject: randomUUID() };
  const published: (JWK & { kid: string })[] = [];
  let signing = await addKey();

  async function addKey() {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const kid = randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig' }; // as Entra's: without `alg`
    published.push(jwk);
    return { privateKey, jwk };
  }

  async function act({ method, path, body }: ReceivedRequest): Promise<SimulatorAnswer> {
    if (method === 'GET' && path === `/${tenantId}/discovery/v2.0/keys`)
      return json(200, { keys: published });
    if (method === 'GET' && path === `/${tenantId}/v2.0/.well-known/openid-configuration`)
      return json(200, discovery());
    if (method === 'POST' && path === `/${tenantId}/oauth2/v2.0/token`)
      return grant(new URLSearchParams(body));
    return json(404, { error: 'not_found' });
  }

  const discovery = () => ({
    issuer: `${origin}/${tenantId}/v2.0`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  });

  /** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token */
  async function grant(form: URLSearchParams): Promise<SimulatorAnswer> {
    if (form.get('grant_type') !== 'client_credentials')
      return json(400, { error: 'unsupported_grant_type' });
    if (
      form.get('client_id') !== application.clientId ||
      form.get('client_secret') !== application.clientSecret
    )
      return json(401, { error: 'invalid_client' });
    if (form.get('scope') !== `api://${audience}/.default`) return json(400, { error: 'invalid_scope' });
    const access_token = await sign(claims.applicationV2());
    return json(200, { token_type: 'Bearer', expires_in: TOKEN_LIFETIME_SECONDS, access_token });
  }

  const { origin, ...simulator } = await startSimulatorServer({
    act,
    now,
    ...(options.port === undefined ? {} : { port: options.port }),
  });

  const common = (ver: '1.0' | '2.0'): JWTPayload => {
    const issuedAt = Math.floor(now() / 1000);
    return {
      iss: ver === '2.0' ? `${origin}/${tenantId}/v2.0` : `https://sts.windows.net/${tenantId}/`,
      aud: ver === '2.0' ? audience : `api://${audience}`,
      tid: tenantId,
      ver,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + TOKEN_LIFETIME_SECONDS,
      ...(ver === '2.0'
        ? { azp: application.clientId, azpacr: '1' }
        : { appid: application.clientId, appidacr: '1' }),
    };
  };
  const asApplication = { oid: application.objectId, sub: application.objectId, roles: [ROLE] };
  const asUser = {
    oid: user.objectId,
    sub: user.subject,
    scp: ROLE,
    name: 'Ada',
    preferred_username: 'ada@example.com',
  };
  const claims = {
    applicationV1: () => ({ ...common('1.0'), ...asApplication }),
    applicationV2: () => ({ ...common('2.0'), ...asApplication }),
    userV1: () => ({ ...common('1.0'), ...asUser }),
    userV2: () => ({ ...common('2.0'), ...asUser }),
  };
  const sign = (payload: JWTPayload, header: Record<string, unknown> = {}) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signing.jwk.kid, ...header })
      .sign(signing.privateKey, { crit: extensionsIn(header) });

  return {
    ...simulator,
    authority: origin,
    tenantId,
    audience,
    application,
    user,
    claims,
    sign,
    publicJwk: () => signing.jwk,
    async rotate() {
      signing = await addKey();
    },
    withdrawOldKeys: () => void published.splice(0, published.length, signing.jwk),
  };
}

/** An extension that the token declares must be known to who signs it, too. */
function extensionsIn({ crit }: Record<string, unknown>): Record<string, boolean> {
  return Object.fromEntries(Array.isArray(crit) ? crit.map((name) => [String(name), true]) : []);
}

function json(status: number, body: unknown): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
