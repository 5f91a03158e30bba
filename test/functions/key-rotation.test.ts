import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { findCanary } from '../stack/canary.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

const rotated = (count: number) => `rotated-${count}-"\\/+&=%?#<>~0123456789abcdef`;

const TTL_MS = 2000;
/** In the last fifth of its time a key that is used is fetched anew. */
const FRESH_MS = 0.8 * TTL_MS;

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({ settings: { TRAINING_KEY_TTL_SECONDS: String(TTL_MS / 1000) } });
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

const renameMany = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => proxy.rename(proxy.seed(), { name: `v${index}` })));
const secretReads = () => proxy.stack.keyVault.journal.filter(({ status }) => status === 200).length;
const waitPastTtl = () => new Promise((resolve) => setTimeout(resolve, TTL_MS + 100));

it('fetches the key at start, before the first rename', async () => {
  await expect.poll(secretReads).toBe(1);
});

it('fetches the key once for renames that arrive together', async () => {
  await waitPastTtl(); // of the key fetched at start
  const before = secretReads();
  const startedMs = performance.now();
  const answers = await renameMany(20);
  const refreshes = Math.floor((performance.now() - startedMs) / FRESH_MS); // none, unless the machine is busy
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(secretReads() - before).toBeLessThanOrEqual(1 + refreshes);
});

it('loses no rename while the key is rotated', async () => {
  const { keyVault, customVision } = proxy.stack;
  const statuses: number[] = [];
  for (let count = 1; count <= 3; count += 1) {
    const under = renameMany(12);
    keyVault.setSecret('training-key', rotated(count));
    customVision.rotateKey(rotated(count));
    const answers = [...(await under), ...(await renameMany(12))];
    statuses.push(...answers.map(({ status }) => status));
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (let count = 1; count <= 3; count += 1)
    expect(findCanary(rotated(count), proxy.app.output())).toEqual([]);
});

it('uses the cached key while the vault is down', async () => {
  await renameMany(1);
  await proxy.stack.keyVault.faults.refuse();
  await waitPastTtl();
  const answers = await renameMany(5);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(proxy.app.output()).toContain('"event":"key_vault_failed"');
});

it.each<{ case: string; change: (vault: RenameProxy['stack']['keyVault']) => void; reason: string }>([
  {
    case: 'the vault forbids it',
    change: (vault) => vault.deny(),
    reason: 'RestError Forbidden ForbiddenByRbac 403',
  },
  {
    case: 'the secret is disabled',
    change: (vault) => vault.setSecret('training-key', 'k'.repeat(32), { enabled: false }),
    reason: 'RestError Forbidden SecretDisabled 403',
  },
  {
    case: 'there is no secret',
    change: (vault) => vault.deleteSecret('training-key'),
    reason: 'RestError SecretNotFound 404',
  },
])('answers 503, renames nothing and logs the reason when $case', async ({ change, reason }) => {
  const { keyVault } = proxy.stack;
  const app = await proxy.stack.startApp();
  const iteration = proxy.seed();
  change(keyVault);
  const { status, headers, json } = await proxy.rename(iteration, { app });
  keyVault.allow();
  expect({ status, retryAfter: headers.get('retry-after'), message: json['message'] }).toEqual({
    status: 503,
    retryAfter: '5',
    message: 'The training key could not be fetched. Nothing was renamed.',
  });
  expect(proxy.upstreamRequests(iteration)).toEqual([]);
  expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ status: 'not_applied', attempts: 0 });
  await app.stop();
  expect(app.output()).toContain(`"reason":"${reason}"`);
});
