import { randomBytes, randomUUID } from 'node:crypto';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

export interface ManagedIdentity extends Omit<Simulator, 'origin' | 'port'> {
  /** `IDENTITY_ENDPOINT` */
  endpoint: string;
  /** `IDENTITY_HEADER`: the secret that the endpoint asks back. */
  identityHeader: string;
  tenantId: string;
  /** True when this endpoint issued the token for that resource and it has not expired. */
  isIssued(token: string, resource: string): boolean;
}

export interface ManagedIdentityOptions {
  port?: number;
  now?: () => number;
  tokenLifetimeSeconds?: number;
  /** User-assigned identities by client id; without one the app has the system-assigned identity only. */
  clientIds?: readonly string[];
}

/**
 * The App Service identity endpoint:
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function startManagedIdentity(options: ManagedIdentityOptions = {}): Promise<ManagedIdentity> {
  const { now = Date.now, tokenLifetimeSeconds = 86_400, clientIds = [] } = options;
  const identityHeader = randomUUID();
  const tenantId = randomUUID();
  const principalId = randomUUID();
  const issued = new Map<string, { resource: string; expiresAtMs: number }>();

  const issue = (resource: string, clientId: string): SimulatorAnswer => {
    const expiresOn = Math.floor(now() / 1000) + tokenLifetimeSeconds;
    const issuer = `https://sts.windows.net/${tenantId}/`;
    const token = unsignedJwt({
      aud: resource,
      iss: issuer,
      iat: Math.floor(now() / 1000),
      nbf: Math.floor(now() / 1000),
      exp: expiresOn,
      oid: principalId,
      appid: clientId,
      tid: tenantId,
    });
    issued.set(token, { resource, expiresAtMs: expiresOn * 1000 });
    return json(200, {
      access_token: token,
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
      client_id: clientId,
    });
  };

  const act = (request: ReceivedRequest): SimulatorAnswer => {
    const { pathname, searchParams } = new URL(request.path, 'http://127.0.0.1');
    if (pathname !== '/MSI/token' || request.method !== 'GET') return failure(404, 'no such endpoint');
    if (request.headers['x-identity-header'] !== identityHeader)
      return failure(401, 'X-IDENTITY-HEADER is missing or wrong');
    if (searchParams.get('api-version') !== '2019-08-01')
      return failure(400, 'api-version must be 2019-08-01');
    const resource = searchParams.get('resource');
    if (resource === null || resource === '') return failure(400, 'resource is missing');
    const clientId = searchParams.get('client_id');
    if (clientId !== null && !clientIds.includes(clientId))
      return failure(400, 'No User Assigned or Delegated Managed Identity found');
    return issue(resource, clientId ?? principalId);
  };

  const {
    origin,
    port: _port,
    ...simulator
  } = await startSimulatorServer({ act, now, ...(options.port === undefined ? {} : { port: options.port }) });
  return {
    ...simulator,
    endpoint: `${origin}/MSI/token`,
    identityHeader,
    tenantId,
    isIssued(token, resource) {
      const found = issued.get(token);
      return found !== undefined && found.resource === resource && found.expiresAtMs > now();
    },
  };
}

/**
 * No signature is checked here: a token counts because the endpoint remembers it. Azurite reads the claims,
 * so it has the form.
 */
function unsignedJwt(claims: Record<string, unknown>): string {
  return `${base64urlJson({ alg: 'RS256', typ: 'JWT' })}.${base64urlJson(claims)}.${randomBytes(48).toString('base64url')}`;
}

function base64urlJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function json(status: number, body: unknown): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

function failure(statusCode: number, message: string): SimulatorAnswer {
  return json(statusCode, { statusCode, message });
}
