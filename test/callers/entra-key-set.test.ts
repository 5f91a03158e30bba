import { decodeProtectedHeader, errors, type JWTVerifyGetKey } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEntraKeySet, type EntraKeySet } from '../../src/callers/entra-key-set.ts';
import { createFetchKeySet } from '../../src/callers/fetch-key-set.ts';
import { type EntraIssuer, startEntraIssuer } from '../stack/entra-issuer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let nowMs: number;
let issuer: EntraIssuer;
let keySet: EntraKeySet;
beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  issuer = await startEntraIssuer();
  const fetchKeySet = createFetchKeySet(issuer);
  keySet = createEntraKeySet({ fetchKeySet, now: () => nowMs });
});
afterEach(() => issuer.stop());

const NO_TOKEN: Parameters<JWTVerifyGetKey>[1] = { payload: '', signature: '' };
const keyOf = async (kid: string | undefined) =>
  keySet.keyFor({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) }, NO_TOKEN);
/** The key id that the issuer signs with now. */
const currentKid = async () => String(decodeProtectedHeader(await issuer.sign({})).kid);
const fetches = () => issuer.journal.length;
const unknown = (count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => keyOf(`invented-${index}`)));

it('fetches the keys once for concurrent calls', async () => {
  const kid = await currentKid();
  await Promise.all(Array.from({ length: 20 }, () => keyOf(kid)));
  await keyOf(kid);
  expect(fetches()).toBe(1);
});

it('is ready for the first request after a refresh', async () => {
  await keySet.refresh();
  await keyOf(await currentKid());
  expect(fetches()).toBe(1);
});

it('accepts a new key at its first use, however recent the last fetch, and keeps the old one', async () => {
  const old = await currentKid();
  await keyOf(old);
  for (let rotation = 1; rotation <= 4; rotation += 1) {
    await issuer.rotate();
    const kid = await currentKid();
    await Promise.all([kid, old, kid, kid].map(keyOf));
    expect(fetches()).toBe(1 + rotation);
  }
});

it('fetches again where the joined fetch was answered before the key was published', async () => {
  await keyOf(await currentKid());
  const answered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  issuer.hooks.onEffect = () => {
    answered.resolve();
    return release.promise;
  };
  const late = keyOf('invented').catch((error: unknown) => error);
  await answered.promise;
  await issuer.rotate();
  const early = keyOf(await currentKid());
  release.resolve();
  await expect(early).resolves.toBeDefined();
  expect(await late).toBeInstanceOf(errors.JWKSNoMatchingKey);
  expect(fetches()).toBe(3);
});

it('fetches at most 5 times for a flood of invented key ids, and twice a minute after that', async () => {
  await keySet.refresh();
  for (let burst = 0; burst < 10; burst += 1) await unknown(10);
  expect(fetches()).toBe(1 + 5);
  nowMs += MINUTE_MS / 4;
  for (let burst = 0; burst < 10; burst += 1) await unknown(10);
  expect(fetches()).toBe(1 + 5);
  nowMs += (3 * MINUTE_MS) / 4;
  for (let burst = 0; burst < 10; burst += 1) await unknown(10);
  expect(fetches()).toBe(1 + 5 + 2);
  nowMs += 24 * HOUR_MS - 2 * MINUTE_MS;
  await keySet.refresh();
  for (let burst = 0; burst < 10; burst += 1) await unknown(10);
  expect(fetches(), 'what was not used is not saved up').toBe(1 + 5 + 2 + 1 + 5);
});

it('gains no fetch from a clock that is set back', async () => {
  await keySet.refresh();
  for (let burst = 0; burst < 10; burst += 1) {
    await unknown(3);
    nowMs -= HOUR_MS;
  }
  expect(fetches()).toBe(1 + 5);
});

it('fetches once for an invented key id, and refuses those who joined that fetch, too', async () => {
  await keySet.refresh();
  await unknown(1);
  expect(fetches()).toBe(2);
  const [first, joined] = await unknown(2);
  for (const refused of [first, joined])
    expect(refused).toMatchObject({ reason: expect.any(errors.JWKSNoMatchingKey) });
});

it('accepts a known key during the flood', async () => {
  const kid = await currentKid();
  await keyOf(kid);
  await unknown(100);
  await expect(keyOf(kid)).resolves.toBeDefined();
});

it('fetches nothing for a token without a key id', async () => {
  await keySet.refresh();
  await expect(keyOf(undefined)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
  expect(fetches()).toBe(1);
});

it('uses its cached keys for a day while the issuer is down', async () => {
  const kid = await currentKid();
  await keyOf(kid);
  await issuer.faults.refuse();
  nowMs += 24 * HOUR_MS;
  await expect(keyOf(kid)).resolves.toBeDefined();
  nowMs += 1;
  for (let request = 0; request < 10; request += 1)
    await expect(keyOf(kid)).rejects.toMatchObject({ code: 'issuer_unavailable' });
  await issuer.faults.accept();
  nowMs += MINUTE_MS;
  await expect(keyOf(kid)).resolves.toBeDefined();
});

it('reports the issuer, not the token, for a new key id while the issuer is down', async () => {
  await keyOf(await currentKid());
  await issuer.faults.refuse();
  await expect(keyOf('new')).rejects.toMatchObject({
    code: 'issuer_unavailable',
    reason: 'keys_not_fetched',
  });
});

it('reports the issuer without cached keys, fetches within bounds, and recovers', async () => {
  const kid = await currentKid();
  issuer.faults.inject({ kind: 'status', status: 503 });
  for (let request = 0; request < 20; request += 1)
    await expect(keyOf(kid)).rejects.toMatchObject({ code: 'issuer_unavailable' });
  expect(fetches()).toBe(5);
  await issuer.faults.clear();
  nowMs += MINUTE_MS / 2;
  await expect(keyOf(kid)).resolves.toBeDefined();
});

it('keeps its cached keys where the issuer answers no key set', async () => {
  const kid = await currentKid();
  await keyOf(kid);
  issuer.faults.inject({ kind: 'body', body: '{"keys":["no key"]}' });
  await expect(keyOf('new')).rejects.toMatchObject({ code: 'issuer_unavailable' });
  await expect(keyOf(kid)).resolves.toBeDefined();
});

it('trusts a withdrawn key for an hour, and refreshes in the background', async () => {
  const old = await currentKid();
  await keyOf(old);
  await issuer.rotate();
  issuer.withdrawOldKeys();
  nowMs += HOUR_MS;
  await expect(keyOf(old)).resolves.toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 50)); // a refresh in the background would be seen
  expect(fetches()).toBe(1);
  nowMs += 1;
  issuer.faults.inject({ kind: 'delay', delayMs: 100, times: 1 });
  await expect(keyOf(old)).resolves.toBeDefined();
  await expect
    .poll(async () => keyOf(old).catch((error: unknown) => error))
    .toBeInstanceOf(errors.JWKSNoMatchingKey);
});

it('reports the issuer, not the token, for an unusable key', async () => {
  issuer.faults.inject({ kind: 'body', body: '{"keys":[{"kty":"RSA","kid":"broken"}]}' });
  await expect(keyOf('broken')).rejects.toMatchObject({
    code: 'issuer_unavailable',
    reason: 'keys_not_usable',
  });
});
