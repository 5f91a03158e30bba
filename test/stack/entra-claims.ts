import type { JWTPayload } from 'jose';

export interface Person {
  objectId: string;
  subject: string;
}

export interface EntraTenantOfStack {
  /** Known when the issuer listens. */
  origin: () => string;
  tenantId: string;
  audience: string;
  application: { clientId: string; objectId: string };
  user: Person;
  person: Person;
  now: () => number;
  lifetimeSeconds: () => number;
}

const ROLE = 'Iterations.Rename';

/**
 * The claims of tokens as Entra makes them.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function createEntraClaims(tenant: EntraTenantOfStack) {
  const { tenantId, audience, application, user, person } = tenant;

  const issued = (ver: '1.0' | '2.0'): JWTPayload => {
    const issuedAt = Math.floor(tenant.now() / 1000);
    return {
      iss: ver === '2.0' ? `${tenant.origin()}/${tenantId}/v2.0` : `https://sts.windows.net/${tenantId}/`,
      tid: tenantId,
      ver,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + tenant.lifetimeSeconds(),
    };
  };
  const common = (ver: '1.0' | '2.0'): JWTPayload => ({
    ...issued(ver),
    aud: ver === '2.0' ? audience : `api://${audience}`,
    ...(ver === '2.0'
      ? { azp: application.clientId, azpacr: '1' }
      : { appid: application.clientId, appidacr: '1' }),
  });
  const asApplication = { oid: application.objectId, sub: application.objectId, roles: [ROLE] };
  const asUser = {
    oid: user.objectId,
    sub: user.subject,
    scp: ROLE,
    name: 'Grace',
    preferred_username: 'grace@example.com',
  };
  const asPerson = {
    oid: person.objectId,
    sub: person.subject,
    name: 'Ada',
    preferred_username: 'ada@example.com',
  };

  return {
    /** Of an access token, to be changed and signed. */
    access: {
      applicationV1: () => ({ ...common('1.0'), ...asApplication }),
      applicationV2: () => ({ ...common('2.0'), ...asApplication }),
      userV1: () => ({ ...common('1.0'), ...asUser }),
      userV2: () => ({ ...common('2.0'), ...asUser }),
    },
    /** Of the tokens that a public client gets for the person who signed in: it shows no secret. */
    signedIn: ({ clientId, scp, nonce }: { clientId: string; scp: string; nonce: string }) => ({
      access: { ...common('2.0'), ...asPerson, azp: clientId, azpacr: '0', scp },
      id: { ...issued('2.0'), ...asPerson, aud: clientId, nonce },
    }),
  };
}
