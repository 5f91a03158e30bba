import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RenamePointer } from '../../src/rename/queued/queued-rename.ts';
import { createQueueClient } from '../../src/storage-queue/queue-client.ts';
import { parsePointer } from '../../src/storage-queue/pointer-message.ts';
import { createRenameQueue } from '../../src/storage-queue/rename-queue.ts';
import { storageConnectionString } from '../stack/azurite.ts';
import { openStorageAccount, type StorageAccount } from '../stack/storage-account.ts';
import { startStorageProxy, type StorageProxy } from '../stack/storage-proxy.ts';

const POINTER: RenamePointer = { projectId: randomUUID(), renameId: '8232767999999-aaaaaaaaaa' };
const AGAIN: RenamePointer = { ...POINTER, renameId: '8232767999999-bbbbbbbbbb' };

let azurite: StorageAccount;
let proxy: StorageProxy;

beforeAll(async () => {
  azurite = await openStorageAccount();
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

describe('a message', () => {
  it('is read back as the pointer that was sent, and holds nothing else', async () => {
    const { queue, direct } = createWorld();
    const more = { ...POINTER, caller: 'webhook:registry' };
    await queue.enqueue(more, 0);
    const text = (await onlyMessage(direct))?.messageText ?? '';
    expect(JSON.parse(text)).toEqual(POINTER);
    expect(parsePointer(text)).toEqual(POINTER);
  });

  it('never expires', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(POINTER, 0);
    expect((await onlyMessage(direct))?.expiresOn.getUTCFullYear()).toBeGreaterThan(2100);
  });

  it('is visible after its delay, not before', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(POINTER, 1001);
    await sleep(500);
    expect((await direct.receiveMessages()).receivedMessageItems).toEqual([]);
    await sleep(2000);
    expect((await onlyMessage(direct))?.dequeueCount).toBe(1);
  });
});

describe('the queue', () => {
  it.each([300, 301, 302, 303, 307, 308])(
    'that redirects is an error: message and credential go nowhere else (%i)',
    async (status) => {
      const { queue } = createWorld();
      await queue.enqueue(POINTER, 0);
      const since = proxy.journal.length;
      proxy.faults.inject({ kind: 'redirect', location: `${proxy.endpoint}/elsewhere`, status });
      await expect(queue.enqueue(POINTER, 0)).rejects.toBeInstanceOf(Error);
      expect(proxy.journal.slice(since).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
    },
  );

  it('that hangs is waited for at most 5 s, retries included', { retry: 2 }, async () => {
    const { queue } = createWorld();
    proxy.faults.inject({ kind: 'hang' });
    const startedMs = performance.now();
    await expect(queue.enqueue(POINTER, 0)).rejects.toBeInstanceOf(Error);
    expect(performance.now() - startedMs).toBeLessThan(5900);
  });

  it('without a credential is waited for at most 5 s too', { retry: 2 }, async () => {
    const credential = {
      async getToken(): Promise<never> {
        await sleep(2500); // like the managed identity, which bounds each of its requests
        throw new Error('no token');
      },
    };
    const queueServiceUri = 'https://127.0.0.1:1/account';
    const client = createQueueClient({ kind: 'managed-identity', queueServiceUri, credential }, 'renames');
    const startedMs = performance.now();
    await expect(createRenameQueue({ client }).enqueue(POINTER, 0)).rejects.toBeInstanceOf(Error);
    expect(performance.now() - startedMs).toBeLessThan(5900);
  });

  it('that fails once is retried', async () => {
    const { queue, direct } = createWorld();
    await queue.enqueue(POINTER, 0);
    await direct.clearMessages();
    proxy.faults.inject({ kind: 'status', status: 503, times: 1 });
    await queue.enqueue(AGAIN, 0);
    expect((await onlyMessage(direct))?.messageText).toContain(AGAIN.renameId);
  });
});
