import { randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { createEntraClaims } from './entra-claims.ts';
import type { Consent, createEntraSignIn } from './entra-sign-in.ts';
import type { SimulatorAnswer } from './simulator-server.ts';

/** A refresh token of a single-page application ends after a day, however often it is renewed. */
const REFRESH_LIFETIME_MS = 86_400_000;

export interface TokensOptions {
  tenantId: string;
  audience: string;
  application: { clientId: string; clientSecret: string };
  person: { objectId: string };
  claims: ReturnType<typeof createEntraClaims>;
  signIn: Pick<ReturnType<typeof createEntraSignIn>, 'redeem' | 'permissionsIn'>;
  sign: (claims: JWTPayload) => Promise<string>;
  now: () => number;
  lifetimeSeconds: () => number;
}

/** The token endpoint: an application's own tokens by its secret, and those of a person by a code. */
export function createEntraTokens(options: TokensOptions) {
  const { application, claims, signIn, sign, now, lifetimeSeconds } = options;
  const refreshTokens = new Map<string, { consent: Consent; endsAtMs: number }>();

  /** `isCrossOrigin`: a browser asks, for a page of another origin. */
  async function grant(form: URLSearchParams, isCrossOrigin: boolean): Promise<SimulatorAnswer> {
    switch (form.get('grant_type') ?? '') {
      case 'client_credentials':
        return grantToApplication(form);
      case 'authorization_code':
      case 'refresh_token':
        return isCrossOrigin
          ? grantToPerson(form)
          : refuse(
              'invalid_request',
              'AADSTS9002327: such tokens are redeemed by cross-origin requests only.',
            );
      default:
        return refuse('unsupported_grant_type');
    }
  }

  /** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token */
  async function grantToApplication(form: URLSearchParams): Promise<SimulatorAnswer> {
    const { clientId, clientSecret } = application;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
      return { ...refuse('invalid_client'), status: 401 };
    if (form.get('scope') !== `api://${options.audience}/.default`) return refuse('invalid_scope');
    const access_token = await sign(claims.access.applicationV2());
    return json(200, { token_type: 'Bearer', expires_in: lifetimeSeconds(), access_token });
  }

  async function grantToPerson(form: URLSearchParams): Promise<SimulatorAnswer> {
    const given = form.get('grant_type') === 'refresh_token' ? renew(form) : begin(form);
    if (given === null || given.endsAtMs <= now())
      return refuse('invalid_grant', 'AADSTS70008: the grant has expired, was revoked, or was used before.');
    const { consent } = given;
    const { clientId, nonce } = consent;
    // A renewal may ask for less, or for nothing in particular.
    const scp = signIn.permissionsIn(form.get('scope') ?? consent.scope);
    if (scp === null) return refuse('invalid_scope');
    const { access, id } = claims.signedIn({ clientId, scp, nonce });
    const refresh_token = randomBytes(32).toString('base64url');
    refreshTokens.set(refresh_token, given);
    return json(200, {
      token_type: 'Bearer',
      scope: consent.scope,
      expires_in: lifetimeSeconds(),
      ext_expires_in: lifetimeSeconds(),
      access_token: await sign(access),
      refresh_token,
      id_token: await sign(id),
      client_info: base64Json({ uid: options.person.objectId, utid: options.tenantId }),
    });
  }

  function begin(form: URLSearchParams) {
    const consent = signIn.redeem(form);
    return consent === null ? null : { consent, endsAtMs: now() + REFRESH_LIFETIME_MS };
  }

  function renew(form: URLSearchParams) {
    const found = refreshTokens.get(form.get('refresh_token') ?? '') ?? null;
    return found?.consent.clientId === form.get('client_id') ? found : null;
  }

  return { grant, revokeRefreshTokens: () => refreshTokens.clear() };
}

function refuse(error: string, error_description?: string): SimulatorAnswer {
  return json(400, { error, ...(error_description === undefined ? {} : { error_description }) });
}

function json(status: number, body: unknown): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
