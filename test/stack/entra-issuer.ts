import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { createEntraClaims, type Person } from './entra-claims.ts';
import { createEntraSignIn, type PublicClient } from './entra-sign-in.ts';
import { createEntraSigning, type EntraSigning } from './entra-signing.ts';
import { createEntraTokens } from './entra-tokens.ts';
import type { LoopbackCertificate } from './loopback-certificate.ts';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

export interface EntraIssuer extends Omit<Simulator, 'origin'>, EntraSigning {
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
  user: Person;
  /** Ada, who signs in to the console; on a stack she may rename and read. */
  person: Person;
  /** The console's registration: add the addresses that people may come back to. */
  publicClient: PublicClient;
  /** The claims of a token as Entra would make it, to be changed and signed. */
  claims: Record<'applicationV1' | 'applicationV2' | 'userV1' | 'userV2', () => JWTPayload>;
  /** Of the tokens that are given out from now on. */
  setTokenLifetime(seconds: number): void;
  /** Ends every sign-in: the next token takes a new one. */
  revokeRefreshTokens(): void;
}

export interface EntraIssuerOptions {
  port?: number;
  /** MSAL takes an authority by https only. */
  certificate?: LoopbackCertificate;
  now?: () => number;
}

/** Browsers read these from a page of any origin, as they do Entra's. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': '*',
};

/**
 * As much of Microsoft Entra ID as gives one tenant its tokens: the discovery document, the key set, the client
 * credentials flow, and the code flow by which people sign in to a page.
 */
export async function startEntraIssuer(options: EntraIssuerOptions = {}): Promise<EntraIssuer> {
  const { now = Date.now, port, certificate } = options;
  const tenantId = randomUUID();
  const audience = randomUUID();
  const application = { clientId: randomUUID(), objectId: randomUUID(), clientSecret: randomUUID() };
  const user = { objectId: randomUUID(), subject: randomUUID() };
  const person = { objectId: randomUUID(), subject: randomUUID() };
  const publicClient: PublicClient = { clientId: randomUUID(), redirectUris: [] };
  let lifetime = 3600;
  const lifetimeSeconds = () => lifetime;

  const { published, ...signing } = await createEntraSigning();
  const tenant = {
    origin: () => origin,
    tenantId,
    audience,
    application,
    user,
    person,
    now,
    lifetimeSeconds,
  };
  const claims = createEntraClaims(tenant);
  const signIn = createEntraSignIn({ client: publicClient, audience });
  const tokens = createEntraTokens({ ...tenant, application, claims, signIn, sign: signing.sign });

  async function act(request: ReceivedRequest): Promise<SimulatorAnswer> {
    const { method, headers, body } = request;
    const path = request.path.split('?')[0] ?? '';
    if (method === 'OPTIONS') return { status: 200, headers: CORS };
    switch (`${method} ${path.replace(`/${tenantId}/`, '')}`) {
      case 'GET discovery/v2.0/keys':
        return json(200, { keys: published });
      case 'GET v2.0/.well-known/openid-configuration':
        return json(200, discovery());
      case 'POST oauth2/v2.0/token': {
        const answer = await tokens.grant(new URLSearchParams(body), headers['origin'] !== undefined);
        return { ...answer, headers: { ...answer.headers, ...CORS } };
      }
      case 'GET oauth2/v2.0/authorize':
      case 'POST oauth2/v2.0/authorize':
        return signIn.authorize(request);
      case 'GET oauth2/v2.0/logout':
        return signIn.signOut();
      default:
        return json(404, { error: 'not_found' });
    }
  }

  const discovery = () => ({
    issuer: `${origin}/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
    response_types_supported: ['code'],
    response_modes_supported: ['fragment'],
    subject_types_supported: ['pairwise'],
    scopes_supported: ['openid', 'profile', 'offline_access'],
    id_token_signing_alg_values_supported: ['RS256'],
  });

  const { origin, ...simulator } = await startSimulatorServer({
    act,
    now,
    ...(port === undefined ? {} : { port }),
    ...(certificate === undefined ? {} : { certificate }),
  });

  return {
    ...simulator,
    ...signing,
    authority: origin,
    tenantId,
    audience,
    application,
    user,
    person,
    publicClient,
    claims: claims.access,
    setTokenLifetime: (seconds) => void (lifetime = seconds),
    revokeRefreshTokens: tokens.revokeRefreshTokens,
  };
}

function json(status: number, body: unknown): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json', ...CORS }, body: JSON.stringify(body) };
}
