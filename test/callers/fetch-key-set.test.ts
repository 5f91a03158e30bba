import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createFetchKeySet } from '../../src/callers/fetch-key-set.ts';
import { type EntraIssuer, startEntraIssuer } from '../stack/entra-issuer.ts';
import type { FaultKind } from '../stack/faults.ts';

let issuer: EntraIssuer;
let elsewhere: EntraIssuer;
beforeAll(async () => {
  [issuer, elsewhere] = await Promise.all([startEntraIssuer(), startEntraIssuer()]);
});
afterEach(() => issuer.faults.clear());
afterAll(() => Promise.all([issuer.stop(), elsewhere.stop()]));

it("fetches the tenant's keys with one request", async () => {
  const { authority, tenantId } = issuer;
  const seen = issuer.journal.length;
  expect(await createFetchKeySet({ authority, tenantId })()).toEqual({ keys: [issuer.publicJwk()] });
  expect(issuer.journal.slice(seen).map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /${tenantId}/discovery/v2.0/keys`,
  ]);
});

it('accepts a key set of 256 KiB, and no byte more', async () => {
  const { authority, tenantId } = issuer;
  const keys = '{"keys":[{}]}';
  const body = keys + ' '.repeat(256 * 1024 - keys.length);
  issuer.faults.inject({ kind: 'body', body, times: 1 });
  expect(await createFetchKeySet({ authority, tenantId })()).toEqual({ keys: [{}] });
  issuer.faults.inject({ kind: 'body', body: `${body} `, times: 1 });
  await expect(createFetchKeySet({ authority, tenantId })()).rejects.toThrow('too large');
});

it('waits five seconds for an answer', async () => {
  const bound = vi.spyOn(AbortSignal, 'timeout');
  const { authority, tenantId } = issuer;
  await createFetchKeySet({ authority, tenantId })();
  expect(bound.mock.calls).toEqual([[5000]]);
  bound.mockRestore();
});

const TIMEOUT_MS = 150;

it.each<{ case: string; says: RegExp; fault: FaultKind }>([
  { case: 'no answer', says: /timeout/, fault: { kind: 'hang' } },
  { case: 'half an answer', says: /timeout/, fault: { kind: 'stall', acts: true } },
  { case: 'a lost connection', says: /fetch failed/, fault: { kind: 'reset' } },
  { case: 'an error', says: /answered with 503/, fault: { kind: 'status', status: 503 } },
  {
    case: 'keys under a status other than 200',
    says: /answered with 203/,
    fault: { kind: 'status', status: 203, body: '{"keys":[{}]}' },
  },
  { case: 'no JSON', says: /JSON/, fault: { kind: 'body', body: '<html>' } },
  { case: 'no object', says: /not a key set/, fault: { kind: 'body', body: 'null' } },
  { case: 'no keys', says: /not a key set/, fault: { kind: 'body', body: '{}' } },
  { case: 'keys that are no list', says: /not a key set/, fault: { kind: 'body', body: '{"keys":"all"}' } },
  { case: 'an empty list of keys', says: /not a key set/, fault: { kind: 'body', body: '{"keys":[]}' } },
  {
    case: 'more than a tenant publishes',
    says: /too large/,
    fault: { kind: 'body', body: `{"keys":[{}]}${' '.repeat(256 * 1024)}` },
  },
])('fails in time on $case', { retry: 2 }, async ({ fault, says }) => {
  const { authority, tenantId } = issuer;
  issuer.faults.inject(fault);
  const startedAtMs = Date.now();
  await expect(createFetchKeySet({ authority, tenantId, timeoutMs: TIMEOUT_MS })()).rejects.toThrow(says);
  expect(Date.now() - startedAtMs).toBeLessThan(TIMEOUT_MS + 1000);
});

it('follows no redirect', async () => {
  const { authority, tenantId } = issuer;
  const location = `${elsewhere.authority}/${elsewhere.tenantId}/discovery/v2.0/keys`;
  issuer.faults.inject({ kind: 'redirect', location });
  await expect(createFetchKeySet({ authority, tenantId })()).rejects.toThrow('fetch failed');
  expect(elsewhere.journal).toEqual([]);
});
