import {
  AzureNamedKeyCredential,
  generateAccountSas,
  TableClient,
  type TransactionAction,
} from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSendRequest } from '../../src/outbound/send-request.ts';
import { createSendTransaction } from '../../src/table-storage/send-transaction.ts';
import { startAzurite, type Azurite } from '../stack/azurite.ts';

let azurite: Azurite;
let table: TableClient;
let send: (actions: TransactionAction[]) => Promise<readonly string[]>;

beforeAll(async () => {
  azurite = await startAzurite();
  table = connect('renames');
  await table.createTable();
  send = sendTo(table);
});
afterAll(() => azurite.stop());

function connect(name: string): TableClient {
  return TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
}

function sendTo(client: TableClient): typeof send {
  const sendTransaction = createSendTransaction(client, createSendRequest());
  return (actions) => sendTransaction(actions, AbortSignal.timeout(5000));
}

describe('a transaction that we write ourselves', () => {
  it.each([
    { case: 'a bar', rowKey: 'rename|8204462731787-ruzjskrepz' },
    { case: 'a quote', rowKey: "it's" },
    { case: 'percent signs, ampersands and blanks', rowKey: '100% a&b=c +d' },
    { case: 'letters outside ASCII', rowKey: 'caf\u00E9 \u{1F680}' },
  ])('creates, changes and deletes a row whose key has $case', async ({ rowKey }) => {
    const partitionKey = 'awkward';
    const text = 'v4 "quoted" \\ \u{1F680}\r\n--changeset HTTP/1.1 409';
    const [etag = ''] = await send([['create', { partitionKey, rowKey, text, durationMs: 7 }]]);
    expect(await table.getEntity(partitionKey, rowKey)).toMatchObject({ rowKey, text, durationMs: 7, etag });

    const [merged = ''] = await send([['update', { partitionKey, rowKey, more: 'x' }, 'Merge', { etag }]]);
    expect(await table.getEntity(partitionKey, rowKey)).toMatchObject({ text, more: 'x', etag: merged });

    await send([['update', { partitionKey, rowKey, only: 'y' }, 'Replace', { etag: merged }]]);
    const replaced = await table.getEntity(partitionKey, rowKey);
    expect(replaced).toMatchObject({ only: 'y' });
    expect(replaced).not.toHaveProperty('text');

    await send([['delete', { partitionKey, rowKey }]]);
    await expect(table.getEntity(partitionKey, rowKey)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('changes nothing where the version that it expects is not known', async () => {
    const row = { partitionKey: 'unknown', rowKey: 'version' };
    await send([['create', row]]);
    await expect(send([['update', { ...row, more: 'x' }, 'Merge', { etag: '' }]])).rejects.toThrow(
      'not known',
    );
    expect(await table.getEntity(row.partitionKey, row.rowKey)).not.toHaveProperty('more');
  });

  it('gives the new version of each row in the order of the actions', async () => {
    const rows = ['a', 'b', 'c'].map((rowKey) => ({ partitionKey: 'order', rowKey }));
    const etags = await send(rows.map((row): TransactionAction => ['create', row]));
    const read = await Promise.all(
      rows.map(({ partitionKey, rowKey }) => table.getEntity(partitionKey, rowKey)),
    );
    expect(read.map(({ etag }) => etag)).toEqual(etags);
  });

  it.each<{ case: string; actions: TransactionAction[]; code: string }>([
    {
      case: 'a row that exists',
      actions: [['create', { partitionKey: 'taken', rowKey: 'there' }]],
      code: 'EntityAlreadyExists',
    },
    {
      case: 'a row that has changed since',
      actions: [['update', { partitionKey: 'taken', rowKey: 'there' }, 'Merge', { etag: 'W/"old"' }]],
      code: 'UpdateConditionNotSatisfied',
    },
    {
      case: 'a row that is gone',
      actions: [['delete', { partitionKey: 'taken', rowKey: 'gone' }]],
      code: 'ResourceNotFound',
    },
  ])('does nothing at all where it meets $case, and says so', async ({ actions, code }) => {
    await table.upsertEntity({ partitionKey: 'taken', rowKey: 'there' });
    const beside: TransactionAction = ['create', { partitionKey: 'taken', rowKey: 'beside' }];
    await expect(send([beside, ...actions])).rejects.toMatchObject({ code });
    await expect(table.getEntity('taken', 'beside')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('goes through with a shared access signature as well', async () => {
    const [, account = '', key = ''] =
      /AccountName=([^;]+);AccountKey=([^;]+)/.exec(azurite.connectionString) ?? [];
    const signature = generateAccountSas(new AzureNamedKeyCredential(account, key), {
      services: { table: true },
      permissions: { add: true, update: true, delete: true, query: true },
      expiresOn: new Date(Date.now() + 60_000),
    });
    const signed = `TableEndpoint=${azurite.tableEndpoint};SharedAccessSignature=${signature}`;
    const client = TableClient.fromConnectionString(signed, 'renames', { allowInsecureConnection: true });
    const row = { partitionKey: 'signed', rowKey: 'row' };
    const [etag] = await sendTo(client)([['create', row]]);
    expect(await table.getEntity(row.partitionKey, row.rowKey)).toMatchObject({ etag });
  });

  it('says that the table is missing', async () => {
    const missing = sendTo(connect('missing'));
    await expect(missing([['create', { partitionKey: 'p', rowKey: 'r' }]])).rejects.toMatchObject({
      code: 'TableNotFound',
    });
  });
});
