import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from '../functions/rename-proxy.ts';
import { openStorageAccount, type StorageAccount } from '../stack/storage-account.ts';
import type { EntraIssuer } from '../stack/entra-issuer.ts';

let azurite: StorageAccount;
let withEntra: RenameProxy;
let withKeys: RenameProxy;
let issuer: EntraIssuer;

beforeAll(async () => {
  azurite = await openStorageAccount();
  [withEntra, withKeys] = await Promise.all([
    startRenameProxy({ callerAuthentication: 'entra', azurite }),
    startRenameProxy({ callerAuthentication: 'function-key', azurite }),
  ]);
  if (withEntra.stack.entra === null) throw new Error('the stack has no issuer');
  issuer = withEntra.stack.entra;
});
afterAll(async () => {
  await Promise.all([withEntra.stop(), withKeys.stop()]);
  await azurite.stop();
});

const bearer = async () => ({ authorization: `Bearer ${await issuer.sign(issuer.claims.applicationV2())}` });

/** All requests to each far end. */
function calls({ identity, keyVault, tables, queues, customVision, entra }: RenameProxy['stack']) {
  return {
    identity: identity.journal.length,
    keyVault: keyVault.journal.length,
    tables: tables.journal.length,
    queues: queues.journal.length,
    customVision: customVision.journal.length,
    entra: entra?.journal.length ?? 0,
  };
}

const noHeaders = async () => ({});
const renameMany = () =>
  Promise.all(
    Array.from({ length: 12 }, async () => withEntra.rename(withEntra.seed(), { headers: await bearer() })),
  );

/** The calls of `count` sequential renames. */
async function callsOf(proxy: RenameProxy, count: number, headers: () => Promise<Record<string, string>>) {
  const iterations = Array.from({ length: count }, () => proxy.seed());
  const before = calls(proxy.stack);
  for (const iteration of iterations) {
    const { status } = await proxy.rename(iteration, { headers: await headers() });
    if (status !== 200) throw new Error(`a rename was answered with ${status}`);
  }
  const after = calls(proxy.stack);
  return {
    identity: after.identity - before.identity,
    keyVault: after.keyVault - before.keyVault,
    tables: after.tables - before.tables,
    queues: after.queues - before.queues,
    customVision: after.customVision - before.customVision,
    entra: after.entra - before.entra,
  };
}

it('makes as many network calls for a warm rename as with function keys', async () => {
  await callsOf(withEntra, 2, bearer);
  await callsOf(withKeys, 2, noHeaders);
  const entra = await callsOf(withEntra, 10, bearer); // a new token each time
  expect(entra).toEqual(await callsOf(withKeys, 10, noHeaders));
  expect(entra.entra).toBe(0);
});

it('fails no request while the issuer changes its keys', async () => {
  await renameMany();
  const fetches = issuer.journal.length;
  const keyIds = new Set<unknown>();
  const statuses: number[] = [];
  for (let rotation = 0; rotation < 3; rotation += 1) {
    const under = renameMany();
    await issuer.rotate();
    keyIds.add(decodeProtectedHeader(await issuer.sign({})).kid);
    const answers = [...(await under), ...(await renameMany())];
    statuses.push(...answers.map(({ status }) => status));
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(keyIds.size).toBe(3);
  expect(issuer.journal.length - fetches, 'one fetch for each new key').toBe(3);
});

it('fails no request with a known key while the issuer is down', async () => {
  await issuer.faults.refuse();
  const answer = await withEntra.rename(withEntra.seed(), { headers: await bearer() });
  expect(answer.status).toBe(200);
  await issuer.faults.accept();
});

it('answers 503 and renames nothing where the keys are not available', async () => {
  await issuer.faults.refuse();
  const { keyVault, tables } = calls(withEntra.stack);
  const app = await withEntra.stack.startApp();
  // What it fetches at start: a key, by a challenge and an answer, and nothing from the table.
  const warm = { keyVault: keyVault + 2, tables: tables + 1 };
  await expect.poll(() => calls(withEntra.stack)).toMatchObject(warm);
  const iteration = withEntra.seed();
  const before = calls(withEntra.stack);
  const answer = await withEntra.rename(iteration, { headers: await bearer(), app });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(calls(withEntra.stack)).toEqual(before);

  await issuer.faults.accept();
  expect((await withEntra.rename(iteration, { headers: await bearer(), app })).status).toBe(200);
});
