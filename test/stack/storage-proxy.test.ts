import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { storageConnectionString } from './azurite.ts';
import { openStorageAccount, type StorageAccount } from './storage-account.ts';
import { startStorageProxy, type StorageProxy } from './storage-proxy.ts';

let azurite: StorageAccount;
let tables: StorageProxy;
let queues: StorageProxy;
let table: TableClient;
let queueService: QueueServiceClient;

beforeAll(async () => {
  azurite = await openStorageAccount();
  tables = await startStorageProxy({ target: azurite.tableEndpoint });
  queues = await startStorageProxy({ target: azurite.queueEndpoint });
  const connection = storageConnectionString({
    ...azurite,
    tableEndpoint: tables.endpoint,
    queueEndpoint: queues.endpoint,
  });
  table = TableClient.fromConnectionString(connection, 'renames', {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  queueService = QueueServiceClient.fromConnectionString(connection);
  await table.createTable();
});
afterAll(() => Promise.all([tables.stop(), queues.stop(), azurite.stop()]));
afterEach(() => tables.faults.clear());

it('passes table operations on, and tells what each was', async () => {
  const since = tables.journal.length;
  await table.submitTransaction([
    ['create', { partitionKey: 'p', rowKey: 'rename|1', name: 'a "quoted" name' }],
    ['create', { partitionKey: 'p', rowKey: 'lock|1' }],
  ]);
  await table.updateEntity({ partitionKey: 'p', rowKey: 'lock|1', more: 1 }, 'Merge');
  await table.getEntity('p', 'rename|1');
  for await (const _entity of table.listEntities());
  await table.deleteEntity('p', 'lock|1');
  expect(
    tables
      .operations(since)
      .map(({ operation, of, rowKeys, status }) => ({ operation, of, rowKeys, status })),
  ).toEqual([
    { operation: 'batch', of: 'renames', rowKeys: ['rename|1', 'lock|1'], status: 202 },
    { operation: 'merge', of: 'renames', rowKeys: ['lock|1'], status: 204 },
    { operation: 'get', of: 'renames', rowKeys: ['rename|1'], status: 200 },
    { operation: 'query', of: 'renames', rowKeys: [], status: 200 },
    { operation: 'delete', of: 'renames', rowKeys: ['lock|1'], status: 204 },
  ]);
});

it('passes queue operations on', async () => {
  const queue = queueService.getQueueClient('renames');
  await queue.create();
  await queue.sendMessage('a message');
  const [message] = (await queue.receiveMessages()).receivedMessageItems;
  await queue.deleteMessage(message?.messageId ?? '', message?.popReceipt ?? '');
  expect(message?.messageText).toBe('a message');
  expect(queues.operations().map(({ operation }) => operation)).toEqual([
    'create-queue',
    'enqueue',
    'dequeue',
    'delete-message',
  ]);
});

it('can lose the answer of a transaction that took place', async () => {
  tables.faults.inject({ kind: 'answer-lost', when: ({ path }) => path.endsWith('$batch'), times: 1 });
  await expect(table.submitTransaction([['create', { partitionKey: 'lost', rowKey: '1' }]])).rejects.toThrow(
    /ECONNRESET|socket hang up/,
  );
  expect(await table.getEntity('lost', '1')).toMatchObject({ rowKey: '1' });
});

it('can refuse a transaction before it takes place', async () => {
  tables.faults.inject({ kind: 'reset', when: ({ path }) => path.endsWith('$batch'), times: 1 });
  await expect(table.submitTransaction([['create', { partitionKey: 'never', rowKey: '1' }]])).rejects.toThrow(
    /ECONNRESET|socket hang up/,
  );
  await expect(table.getEntity('never', '1')).rejects.toMatchObject({ statusCode: 404 });
});
