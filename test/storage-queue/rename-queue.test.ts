import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { QueuedRename } from '../../src/rename/queued/queued-rename.ts';
import { createQueueClient } from '../../src/storage-queue/queue-client.ts';
import { formatQueuedRename, parseQueuedRename } from '../../src/storage-queue/queued-rename-message.ts';
import { createRenameQueue } from '../../src/storage-queue/rename-queue.ts';
import { queuedRename } from '../rename/queued/sample-queued-rename.ts';
import { type Azurite, startAzurite, storageConnectionString } from '../stack/azurite.ts';
import { startStorageProxy, type StorageProxy } from '../stack/storage-proxy.ts';

let azurite: Azurite;
let proxy: StorageProxy;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startStorageProxy({ target: azurite.queueEndpoint });
});
afterEach(() => proxy.faults.clear());
afterAll(() => Promise.all([proxy.stop(), azurite.stop()]));

/** A new queue, through the app's client and directly. */
function createWorld() {
  const name = `renames-${randomUUID()}`;
  const connectionString = storageConnectionString({ ...azurite, queueEndpoint: proxy.endpoint });
  const client = createQueueClient({ kind: 'connection-string', connectionString }, name);
  const direct = new QueueClient(azurite.connectionString, name);
  return { queue: createRenameQueue({ client }), direct };
}

async function onlyMessage(direct: QueueClient) {
  const { receivedMessageItems } = await direct.receiveMessages({ numberOfMessages: 32 });
  expect(receivedMessageItems).toHaveLength(1);
  return receivedMessageItems[0];
}

describe('a queued rename', () => {
  it.each(['v2', `<&>"' ]]> \\ / %00`, '✓ käse 模型 🚀', '\u00a0inner\u00a0'])(
    'is read back unchanged: %j',
    async (name) => {
      const { queue, direct } = createWorld();
      const rename = queuedRename(name);
      await queue.enqueue(rename, 0);
      const text = (await onlyMessage(direct))?.messageText ?? '';
      expect(text).toMatch(/^[\x20-\x7E]+$/);
      expect(parseQueuedRename(text)).toEqual(rename);
    },
  );

  it('never expires', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(queuedRename(), 0);
    expect((await onlyMessage(direct))?.expiresOn.getUTCFullYear()).toBeGreaterThan(2100);
  });

  it('is visible after its delay, not before', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(queuedRename(), 1001);
    await sleep(500);
    expect((await direct.receiveMessages()).receivedMessageItems).toEqual([]);
    await sleep(2000);
    expect((await onlyMessage(direct))?.dequeueCount).toBe(1);
  });

  it('fits into a message with the longest values that settings and requests allow', async () => {
    const host = `${'h'.repeat(63)}.`.repeat(4).slice(0, 253); // the longest DNS name
    const { request, ...rest } = queuedRename('🚀'.repeat(256)); // twelve characters each
    const largest: QueuedRename = {
      ...rest,
      request: { ...request, resource: 'r'.repeat(63), endpointHost: host },
      caller: { kind: 'webhook', id: `webhook:${'s'.repeat(63)}`, name: `entra:${randomUUID()}` },
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      traceId: 'a'.repeat(32),
      requeues: Number.MAX_SAFE_INTEGER,
    };
    const { length } = formatQueuedRename(largest);
    process.stdout.write(`the largest message has ${length} bytes of the 65,536 that a queue takes\n`);
    expect(length).toBeLessThan(8 * 1024); // so that the log holds a poisoned message whole
    const { queue, direct } = createWorld();
    await queue.enqueue(largest, 0);
    expect(parseQueuedRename((await onlyMessage(direct))?.messageText ?? '')).toEqual(largest);
  });

  it.each([
    { case: 'of another version', change: (message: object) => ({ ...message, version: 2 }) },
    { case: 'without a caller', change: (message: object) => ({ ...message, caller: null }) },
    { case: 'with the trigger http', change: (message: object) => ({ ...message, trigger: 'http' }) },
    { case: 'without a time', change: (message: object) => ({ ...message, requestedAt: 'soon' }) },
    { case: 'that is a list', change: (message: object) => [message] },
  ])('$case is refused', ({ change }) => {
    const message: object = JSON.parse(formatQueuedRename(queuedRename()));
    expect(parseQueuedRename(JSON.stringify(message))).not.toBeNull();
    expect(parseQueuedRename(JSON.stringify(change(message)))).toBeNull();
  });
});

describe('the queue', () => {
  it.each([300, 301, 302, 303, 307, 308])(
    'that redirects is an error: message and credential go nowhere else (%i)',
    async (status) => {
      const { queue } = createWorld();
      await queue.enqueue(queuedRename(), 0);
      const since = proxy.journal.length;
      proxy.faults.inject({ kind: 'redirect', location: `${proxy.endpoint}/elsewhere`, status });
      await expect(queue.enqueue(queuedRename(), 0)).rejects.toBeInstanceOf(Error);
      expect(proxy.journal.slice(since).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
    },
  );

  it('that hangs is waited for at most 5 s, retries included', async () => {
    const { queue } = createWorld();
    proxy.faults.inject({ kind: 'hang' });
    const startedMs = performance.now();
    await expect(queue.enqueue(queuedRename(), 0)).rejects.toBeInstanceOf(Error);
    expect(performance.now() - startedMs).toBeLessThan(5900);
  });

  it('without a credential is waited for at most 5 s too', async () => {
    const credential = {
      async getToken(): Promise<never> {
        await sleep(2500); // like the managed identity, which bounds each of its requests
        throw new Error('no token');
      },
    };
    const queueServiceUri = 'https://127.0.0.1:1/account';
    const client = createQueueClient({ kind: 'managed-identity', queueServiceUri, credential }, 'renames');
    const startedMs = performance.now();
    await expect(createRenameQueue({ client }).enqueue(queuedRename(), 0)).rejects.toBeInstanceOf(Error);
    expect(performance.now() - startedMs).toBeLessThan(5900);
  });

  it('that fails once is retried', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(queuedRename(), 0);
    await direct.clearMessages();
    proxy.faults.inject({ kind: 'status', status: 503, times: 1 });
    await queue.enqueue(queuedRename('again'), 0);
    expect((await onlyMessage(direct))?.messageText).toContain('again');
  });
});
