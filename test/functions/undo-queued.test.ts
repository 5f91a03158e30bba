import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';
import { nameNow, shownOf } from './iteration-faults.ts';

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy();
});
afterAll(() => proxy.stop());

it('an accepted rename is undone once it has ended; while it is under way, that is a 409', async () => {
  const iteration = proxy.seed();
  const { projectId, iterationId } = iteration;
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  proxy.stack.customVision.hooks.onReceived = async ({ method }) => {
    if (method === 'PATCH') await mayGoOn;
  };
  const accepted = await proxy.deliver({ body: { projectId, iterationId, name: 'v1' } });
  const early = await proxy.undo(iteration, accepted);
  expect([early.status, early.json['code'], early.headers.get('retry-after')]).toEqual([
    409,
    'Conflict',
    '1',
  ]);

  delete proxy.stack.customVision.hooks.onReceived;
  goOn();
  await proxy.ended(iteration, accepted.renameId);
  const undone = await proxy.undo(iteration, accepted);
  expect(undone.status).toBe(200);
  expect(nameNow(proxy, iteration)).toBe('Iteration 1');
  const [record] = await proxy.records(projectId);
  expect(record).toMatchObject({
    renameId: shownOf(undone).renameId,
    undoes: accepted.renameId,
    trigger: 'http',
    callerId: 'function-key',
  });
});

it('a duplicate of the delivery does not take the undo back', async () => {
  const iteration = proxy.seed();
  const { projectId, iterationId } = iteration;
  const delivery = { id: `undone-${iterationId}`, body: { projectId, iterationId, name: 'v1' } };
  const accepted = await proxy.deliver(delivery);
  await proxy.ended(iteration, accepted.renameId);
  await proxy.undo(iteration, accepted);
  expect((await proxy.deliver(delivery)).renameId).toBe(accepted.renameId);
  await proxy.ended(iteration, accepted.renameId);
  expect(nameNow(proxy, iteration)).toBe('Iteration 1');
});
