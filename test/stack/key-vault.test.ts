import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyVault, type KeyVault } from './key-vault.ts';
import { createLoopbackCertificate, type LoopbackCertificate } from './loopback-certificate.ts';
import { startManagedIdentity, type ManagedIdentity } from './managed-identity.ts';

let certificate: LoopbackCertificate;
let identity: ManagedIdentity;
let keyVault: KeyVault;

beforeAll(async () => {
  certificate = await createLoopbackCertificate();
  identity = await startManagedIdentity({ clientIds: ['user-assigned'] });
  keyVault = await startKeyVault({ identity, certificate, secrets: { 'training-key': 'old' } });
});
afterAll(() => Promise.all([identity.stop(), keyVault.stop(), certificate.remove()]));

async function readSecret(
  name: string,
  { identityHeader = identity.identityHeader, clientId = '' } = {},
): Promise<unknown> {
  const script = fileURLToPath(new URL('fixtures/read-secret.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, keyVault.uri, name, ...(clientId === '' ? [] : [clientId])],
    {
      env: {
        IDENTITY_ENDPOINT: identity.endpoint,
        IDENTITY_HEADER: identityHeader,
        NODE_EXTRA_CA_CERTS: certificate.certFile,
      },
    },
  );
  return JSON.parse(stdout);
}

function tokenFor(resource: string): Promise<string> {
  return fetch(`${identity.endpoint}?api-version=2019-08-01&resource=${resource}`, {
    headers: { 'x-identity-header': identity.identityHeader },
  })
    .then((response) => response.json())
    .then((body: unknown) => String(Object(body).access_token));
}

describe('the vault and the identity endpoint, read through the real SDKs', () => {
  it('give the newest version after one challenge and one token', async () => {
    keyVault.setSecret('training-key', 'new');
    const [vaultSeen, identitySeen] = [keyVault.journal.length, identity.journal.length];
    expect(await readSecret('training-key')).toEqual({
      value: 'new',
      version: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(keyVault.journal.slice(vaultSeen).map(({ status }) => status)).toEqual([401, 200, 200]);
    expect(identity.journal.slice(identitySeen)).toHaveLength(1);
  });

  it('serve a user-assigned identity', async () => {
    expect(await readSecret('training-key', { clientId: 'user-assigned' })).toMatchObject({ value: 'new' });
    expect(identity.journal.at(-1)?.path).toContain('client_id=user-assigned');
  });

  it.each([
    {
      case: 'a secret that is not there',
      name: 'missing',
      prepare: () => {},
      expected: { error: 'SecretNotFound', statusCode: 404 },
    },
    {
      case: 'a disabled secret',
      name: 'disabled',
      prepare: () => keyVault.setSecret('disabled', 'value', { enabled: false }),
      expected: { error: 'Forbidden', statusCode: 403 },
    },
    {
      case: 'an identity without the role',
      name: 'training-key',
      prepare: () => keyVault.deny(),
      expected: { error: 'Forbidden', statusCode: 403 },
    },
  ])("answer $case in the vault's error shape", async ({ name, prepare, expected }) => {
    prepare();
    expect(await readSecret(name)).toEqual(expected);
    keyVault.allow();
  });
});

describe('the identity endpoint', () => {
  it.each([
    {
      case: 'the secret header is wrong',
      query: 'api-version=2019-08-01&resource=https://vault.azure.net',
      header: 'wrong',
      status: 401,
    },
    {
      case: 'the API version is another',
      query: 'api-version=2017-09-01&resource=https://vault.azure.net',
      status: 400,
    },
    { case: 'the resource is missing', query: 'api-version=2019-08-01', status: 400 },
    {
      case: 'the client id is unknown',
      query: 'api-version=2019-08-01&resource=https://vault.azure.net&client_id=x',
      status: 400,
    },
  ])('answers $status when $case', async ({ query, header, status }) => {
    const response = await fetch(`${identity.endpoint}?${query}`, {
      headers: { 'x-identity-header': header ?? identity.identityHeader },
    });
    expect(response.status).toBe(status);
  });
});

it('takes only tokens issued for the vault by the identity endpoint', async () => {
  const forVault = await tokenFor('https://vault.azure.net');
  expect(identity.isIssued(forVault, 'https://vault.azure.net')).toBe(true);
  expect(identity.isIssued(await tokenFor('https://storage.azure.com'), 'https://vault.azure.net')).toBe(
    false,
  );
  expect(identity.isIssued(`${forVault}x`, 'https://vault.azure.net')).toBe(false);
});

it('lets a token expire', async () => {
  let nowMs = 0;
  const shortLived = await startManagedIdentity({ now: () => nowMs, tokenLifetimeSeconds: 60 });
  const response = await fetch(`${shortLived.endpoint}?api-version=2019-08-01&resource=r`, {
    headers: { 'x-identity-header': shortLived.identityHeader },
  });
  const token = String(Object(await response.json()).access_token);
  expect(shortLived.isIssued(token, 'r')).toBe(true);
  nowMs = 60_000;
  expect(shortLived.isIssued(token, 'r')).toBe(false);
  await shortLived.stop();
});
