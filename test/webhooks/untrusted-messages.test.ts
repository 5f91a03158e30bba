import { randomUUID } from 'node:crypto';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;
let queue: QueueClient;

beforeAll(async () => {
  proxy = await startWebhookProxy();
  queue = new QueueClient(proxy.stack.azurite.connectionString, 'renames');
  await queue.createIfNotExists();
});
afterAll(() => proxy.stop());

/** A rename as the messages of the queue held it once, with whatever a forger likes. */
const forged = (change: { request?: object; top?: object }) => {
  const { projectId, iterationId } = proxy.seed();
  return {
    version: 1,
    renameId: '8232767999999-forgedaaaa',
    request: {
      resource: 'default',
      endpointHost: new URL(proxy.stack.customVision.endpoint).host,
      apiVersion: 'v3.2',
      projectId,
      iterationId,
      name: 'forged!',
      ...change.request,
    },
    caller: { kind: 'webhook', id: 'webhook:github', name: null },
    trigger: 'webhook',
    requestedAt: '2020-01-01T00:00:00.000Z',
    traceparent: null,
    traceId: null,
    requeues: 0,
    ...change.top,
  };
};

/** Sends it, and waits until the app has dealt with it and with a true delivery behind it. */
async function send(message: string): Promise<{ sent: number; recordsOf: (id: string) => Promise<number> }> {
  const since = proxy.stack.customVision.journal.length;
  await queue.sendMessage(message);
  await expect
    .poll(async () => (await queue.getProperties()).approximateMessagesCount, { timeout: 5000 })
    .toBe(0);
  return {
    sent: proxy.stack.customVision.journal.length - since,
    recordsOf: async (projectId) => (await proxy.records(projectId)).length,
  };
}

describe('a message of a stranger', () => {
  it.each([
    { case: 'a rename that no grant allows', change: {} },
    {
      case: 'a rename with a caller, an id and a date of its own',
      change: { top: { caller: { kind: 'function-key', id: 'function-key', name: 'admin' } } },
    },
    {
      case: 'an iteration "..", so that the project would be changed',
      change: { request: { iterationId: '..' } },
    },
    { case: 'a version ".."', change: { request: { apiVersion: '..' } } },
    { case: 'a host of its own', change: { request: { endpointHost: 'evil.example' } } },
  ])('that is $case is dropped and logged: nothing is sent, and no record appears', async ({ change }) => {
    const message = forged(change);
    const { projectId } = message.request;
    const { sent, recordsOf } = await send(JSON.stringify(message));
    expect(sent).toBe(0);
    expect(await recordsOf(projectId)).toBe(0);
    await expect
      .poll(() => proxy.app.output())
      .toContain('"event":"message_dropped","reason":"it is not a pointer to a rename"');
  });

  it('that points to no rename is dropped', async () => {
    const projectId = randomUUID();
    const { sent, recordsOf } = await send(
      JSON.stringify({ projectId, renameId: '8232767999999-aaaaaaaaaa' }),
    );
    expect([sent, await recordsOf(projectId)]).toEqual([0, 0]);
    await expect.poll(() => proxy.app.output()).toContain('"reason":"it points to no rename"');
  });

  it.each([
    { case: 'no text', message: '' },
    // Some thousands deep, the library itself fails before any function sees the message.
    { case: 'JSON that is nested deeply', message: '['.repeat(1000) + ']'.repeat(1000) },
    { case: 'base64', message: Buffer.from('{"projectId":"x"}').toString('base64') },
  ])('that is $case is dropped, and not retried', async ({ message }) => {
    expect((await send(message)).sent).toBe(0);
    expect(proxy.app.output()).not.toMatch(/Functions\.carry-out-rename' \(Failed/);
    expect(proxy.app.output()).not.toContain('"event":"message_poisoned"');
  });
});
