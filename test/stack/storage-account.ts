import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Azurite, ofAccount, startAzurite, storageConnectionString } from './azurite.ts';
import { sharedParts, type SharedParts } from './shared-parts.ts';

/** Tables and queues that nobody else uses. */
export type StorageAccount = Omit<Azurite, 'pid'>;

/**
 * Opens an empty account: of the shared Azurite while it has one left, else of an Azurite of its own, which
 * ends with it.
 */
export async function openStorageAccount(): Promise<StorageAccount> {
  const shared = sharedParts();
  const account = shared === null ? null : await takeAccount(shared);
  if (shared === null || account === null) return startAzurite();
  const { tableEndpoint, queueEndpoint, blobEndpoint } = shared.azurite;
  const endpoints = {
    tableEndpoint: ofAccount(tableEndpoint, account),
    queueEndpoint: ofAccount(queueEndpoint, account),
    blobEndpoint: ofAccount(blobEndpoint, account),
  };
  return { ...endpoints, connectionString: storageConnectionString(endpoints), stop: async () => {} };
}

/** Test files run in processes of their own; making a folder succeeds in one of them only. */
async function takeAccount({ accounts, takenAccounts }: SharedParts): Promise<string | null> {
  for (const account of accounts) {
    try {
      await mkdir(path.join(takenAccounts, account));
      return account;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  return null;
}
