import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findCanary } from '../stack/canary.ts';
import type { FaultKind } from '../stack/faults.ts';
import { type KeyLeakProxy, startKeyLeakProxy } from './key-leak-proxy.ts';

let proxy: KeyLeakProxy;
let key: string;

beforeAll(async () => {
  proxy = await startKeyLeakProxy();
  ({ key } = proxy);
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

const secretBundle = (value: unknown) => JSON.stringify({ value, id: 'https://v/secrets/training-key/1' });

describe('the training key leaks nowhere when the vault', () => {
  /** `quiet`: without the logs of the SDKs, which show headers that a vault sends legitimately. */
  const vaultFaults: { case: string; quiet?: true; fault: (secret: string) => FaultKind }[] = [
    { case: 'answers the key without JSON', fault: (body) => ({ kind: 'body', body, status: 200 }) },
    {
      case: 'answers half a JSON object',
      fault: (secret) => ({ kind: 'body', body: secretBundle(secret).slice(0, -8) }),
    },
    {
      case: 'answers a page of HTML',
      fault: (secret) => ({
        kind: 'body',
        body: `<html>${secret}</html>`,
        headers: { 'content-type': 'text/html' },
      }),
    },
    { case: 'answers a list', fault: (secret) => ({ kind: 'body', body: secretBundle([secret]) }) },
    { case: 'answers an object', fault: (secret) => ({ kind: 'body', body: secretBundle({ a: secret }) }) },
    {
      case: 'holds a line feed in the key',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}\nX-More: 1`) }),
    },
    {
      case: 'holds a NUL in the key',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}\0`) }),
    },
    {
      case: 'holds a key with an accent',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}é`) }),
    },
    {
      case: 'holds a key that is too long',
      fault: (secret) => ({ kind: 'body', body: secretBundle(secret.repeat(20)) }),
    },
    {
      case: 'refuses, and quotes it in the message and a header',
      quiet: true,
      fault: (secret) => ({
        kind: 'status',
        status: 403,
        headers: { 'content-type': 'application/json', 'x-ms-error-code': secret },
        body: JSON.stringify({ error: { code: 'Forbidden', message: secret } }),
      }),
    },
    {
      case: 'refuses, and quotes it in the code',
      fault: (secret) => ({
        kind: 'status',
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ error: { code: secret, message: 'no' } }),
      }),
    },
    {
      case: 'fails, and quotes it',
      fault: (secret) => ({ kind: 'status', status: 500, body: secret }),
    },
    {
      case: 'asks for another authority, and quotes it',
      quiet: true,
      fault: (secret) => ({
        kind: 'status',
        status: 401,
        headers: {
          'www-authenticate': `Bearer authorization="${proxy.otherHostUrl}/${secret}"`,
        },
      }),
    },
  ];
  // Each starts an app of its own, which has no key yet.
  it.each(vaultFaults)('$case', async ({ fault, quiet }) => {
    const app = await proxy.stack.startApp(
      quiet === true ? { settings: { AZURE_LOG_LEVEL: '', DEBUG: '' } } : {},
    );
    try {
      proxy.stack.keyVault.faults.inject(fault(key));
      const iteration = proxy.seed();
      const [first] = await proxy.renameAndLook(iteration, app);
      expect(first?.status).toBe(503);
      expect(app.output()).toContain('"event":"key_vault_failed"');
      expect(proxy.upstreamRequests(iteration)).toEqual([]);
    } finally {
      await app.stop();
    }
  });

  it('redirects, which is not followed: another host must get neither key nor token', async () => {
    const { keyVault } = proxy.stack;
    const app = await proxy.stack.startApp();
    const since = keyVault.journal.length;
    keyVault.faults.inject({
      kind: 'redirect',
      location: `${keyVault.uri}/elsewhere`,
      status: 302,
      when: ({ path }) => path.startsWith('/secrets/'),
    });
    const [first] = await proxy.renameAndLook(proxy.seed(), app);
    await app.stop();
    expect(first?.status).toBe(503);
    expect(keyVault.journal.slice(since).filter(({ path }) => path.startsWith('/elsewhere'))).toEqual([]);
  });

  it('quotes a key of letters and digits in its error code', async () => {
    const plain = '0123456789abcdef0123456789abcdef';
    const app = await proxy.stack.startApp();
    proxy.stack.keyVault.faults.inject({
      kind: 'status',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error: { code: plain, message: plain } }),
    });
    await proxy.renameAndLook(proxy.seed(), app);
    await app.stop();
    expect(findCanary(plain, app.output())).toEqual([]);
  });
});
