import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { injectFault, namesTaken } from '../functions/iteration-faults.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

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
      if (method !== 'PATCH') return;
      if (patches() > 1) return released.promise;
      proxy.app.kill('SIGSTOP');
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
