import { randomBytes } from 'node:crypto';
import type { LoopbackCertificate } from './loopback-certificate.ts';
import type { ManagedIdentity } from './managed-identity.ts';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

export interface KeyVault extends Omit<Simulator, 'origin' | 'port'> {
  /** `KEY_VAULT_URI` */
  uri: string;
  /** A new version of the secret; the older ones stay readable by their version. */
  setSecret(name: string, value: string, attributes?: SecretAttributes): void;
  deleteSecret(name: string): void;
  /** Takes the role assignment away: every read is a 403 until `allow`. */
  deny(): void;
  allow(): void;
}

export interface SecretAttributes {
  enabled?: boolean;
  /** Epoch ms. The vault hands an expired secret out all the same. */
  expiresAtMs?: number;
}

export interface KeyVaultOptions {
  identity: Pick<ManagedIdentity, 'isIssued' | 'tenantId'>;
  certificate: LoopbackCertificate;
  secrets?: Record<string, string>;
  port?: number;
  now?: () => number;
}

interface SecretVersion {
  version: string;
  value: string;
  enabled: boolean;
  expiresAtMs?: number;
  createdAtSeconds: number;
}

const VAULT_RESOURCE = 'https://vault.azure.net';

/** The secrets of Key Vault's REST API over TLS: challenge, then GET /secrets/{name}[/{version}]. */
export async function startKeyVault(options: KeyVaultOptions): Promise<KeyVault> {
  const { identity, certificate, now = Date.now } = options;
  const secrets = new Map<string, SecretVersion[]>();
  let denied = false;

  const setSecret: KeyVault['setSecret'] = (name, value, { enabled = true, ...dates } = {}) => {
    const version = {
      version: randomBytes(16).toString('hex'),
      value,
      enabled,
      ...dates,
      createdAtSeconds: Math.floor(now() / 1000),
    };
    secrets.set(name.toLowerCase(), [...(secrets.get(name.toLowerCase()) ?? []), version]);
  };
  for (const [name, value] of Object.entries(options.secrets ?? {})) setSecret(name, value);

  const challenge: SimulatorAnswer = {
    ...failure(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.'),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${identity.tenantId}", resource="${VAULT_RESOURCE}"`,
    },
  };

  const act = (request: ReceivedRequest): SimulatorAnswer => {
    const token = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
    if (token === undefined || !identity.isIssued(token, VAULT_RESOURCE)) return challenge;

    const { pathname, searchParams } = new URL(request.path, uri());
    const [, collection, name, version] = pathname.split('/');
    if (!searchParams.has('api-version'))
      return failure(400, 'BadParameter', 'api-version must be specified');
    if (collection !== 'secrets' || name === undefined)
      return failure(404, 'NotFound', 'The requested resource was not found.');
    if (request.method !== 'GET') return failure(405, 'MethodNotAllowed', 'This vault can only be read.');
    if (denied) {
      return failure(
        403,
        'Forbidden',
        'Caller is not authorized to perform action on resource.',
        'ForbiddenByRbac',
      );
    }
    const versions = secrets.get(name.toLowerCase()) ?? [];
    const found =
      version === undefined || version === ''
        ? versions.at(-1)
        : versions.find((one) => one.version === version);
    if (found === undefined) {
      return failure(
        404,
        'SecretNotFound',
        `A secret with (name/id) ${name} was not found in this key vault.`,
      );
    }
    if (!found.enabled) {
      return failure(
        403,
        'Forbidden',
        'Operation get is not allowed on a disabled secret.',
        'SecretDisabled',
      );
    }
    return json(200, {
      value: found.value,
      id: `${uri()}/secrets/${name}/${found.version}`,
      attributes: {
        enabled: true,
        ...(found.expiresAtMs === undefined ? {} : { exp: Math.floor(found.expiresAtMs / 1000) }),
        created: found.createdAtSeconds,
        updated: found.createdAtSeconds,
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
    });
  };

  const port = options.port === undefined ? {} : { port: options.port };
  const {
    origin,
    port: _port,
    ...simulator
  } = await startSimulatorServer({ act, certificate, now, ...port });
  const uri = (): string => origin;
  return {
    ...simulator,
    uri: origin,
    setSecret,
    deleteSecret: (name) => void secrets.delete(name.toLowerCase()),
    deny: () => {
      denied = true;
    },
    allow: () => {
      denied = false;
    },
  };
}

function json(status: number, body: unknown): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** Key Vault's own error shape. */
function failure(status: number, code: string, message: string, innerCode?: string): SimulatorAnswer {
  return json(status, {
    error: { code, message, ...(innerCode === undefined ? {} : { innererror: { code: innerCode } }) },
  });
}
