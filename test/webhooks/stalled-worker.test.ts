import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { injectFault, namesTaken } from '../functions/iteration-faults.ts';
import { intentOf } from '../table-storage/audit-table.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

const monotonic = () => performance.now();

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy({ settings: { UPSTREAM_TIMEOUT_SECONDS: '1' } });
  await proxy.rename(proxy.seed(), {}); // fetches the key
});
afterAll(() => proxy.stop());

it(
  'leaves the lease alone that another instance has renewed while this one stood still',
  { timeout: 40_000 },
  async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const resumer = await proxy.stack.startApp({
      settings: {
        UPSTREAM_TIMEOUT_SECONDS: '10',
        'AzureWebJobs.carry-out-rename.Disabled': 'true',
        'AzureWebJobs.sweep-renames.Disabled': 'false',
      },
    });
    const { hooks } = proxy.stack.customVision;
    const released = Promise.withResolvers<void>();
    const patches = () => proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH').length;
    hooks.onReceived = ({ method }) => {
      if (method === 'PATCH' && patches() === 1) proxy.app.kill('SIGSTOP');
      return method === 'PATCH' && patches() > 1 ? released.promise : undefined;
    };
    injectFault(proxy, iteration, 'PATCH', { kind: 'hang', times: 1 });
    const { renameId } = await proxy.deliver({ body: { projectId, iterationId, name: 'A' } });
    await expect.poll(patches, { timeout: 10_000 }).toBe(1);
    await sleep(4100); // the lease of the one that stands still
    const swept = resumer.invoke('sweep-renames');
    await expect.poll(patches, { timeout: 10_000 }).toBe(2);
    proxy.app.kill('SIGCONT');
    await sleep(1500); // it notes what it has learnt
    const other = await proxy.rename(iteration, { name: 'B' });
    expect(other.status).toBe(409);
    expect(patches()).toBe(2);
    released.resolve();
    await swept;
    expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
  },
);

it('leaves the lease alone that another instance has renewed while a look of this one failed', async () => {
  const { connectionString } = proxy.stack.azurite;
  const client = createTableClient({ kind: 'connection-string', connectionString });
  const table = createRenamesTable(client, monotonic);
  const log = createAuditLog({ table, newOwner: randomUUID, now: Date.now, monotonic });
  const intent = intentOf();
  await log.begin(intent, { callerId: intent.caller.id, key: null, payload: 'payload' }, null, 1);
  const pending = await log.readPending(intent);
  if (pending === null) throw new Error('the rename is not pending');
  await log.renewLease(pending, { durationMs: 30_000, before: null });
  await log.noteUnreadable(pending);
  expect(await log.readPending(intent)).toMatchObject({
    lease: { expiresAtMs: expect.toSatisfy((ms) => ms > monotonic() + 20_000) },
    unreadableForMs: null,
  });
});
