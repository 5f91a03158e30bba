import { TableServiceClient } from '@azure/data-tables';
import { afterEach, expect, inject, it } from 'vitest';
import { shareParts } from './shared-parts.ts';
import { openStorageAccount, type StorageAccount } from './storage-account.ts';

afterEach(() => shareParts(inject('sharedParts')));

const tablesOf = async ({ connectionString }: StorageAccount) => {
  const client = TableServiceClient.fromConnectionString(connectionString, { allowInsecureConnection: true });
  const names: (string | undefined)[] = [];
  for await (const { name } of client.listTables()) names.push(name);
  return { client, names };
};

it('gives each an empty account of the shared Azurite', async () => {
  const [one, other] = await Promise.all([openStorageAccount(), openStorageAccount()]);
  expect(new URL(one.tableEndpoint).origin).toBe(new URL(other.tableEndpoint).origin);
  await (await tablesOf(one)).client.createTable('renames');
  expect((await tablesOf(one)).names).toEqual(['renames']);
  expect((await tablesOf(other)).names).toEqual([]);
});

it('starts an Azurite where no account is left, and ends it with the account', async () => {
  const parts = inject('sharedParts');
  shareParts({ ...parts, accounts: [] });
  const account = await openStorageAccount();
  expect(new URL(account.tableEndpoint).origin).not.toBe(new URL(parts.azurite.tableEndpoint).origin);
  expect((await tablesOf(account)).names).toEqual([]);
  await account.stop();
  await expect(fetch(account.tableEndpoint)).rejects.toThrow('fetch failed');
});
