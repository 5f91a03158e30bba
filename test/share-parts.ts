import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startAzurite } from './stack/azurite.ts';
import { compileHost } from './stack/compile-host.ts';
import type { SharedParts } from './stack/shared-parts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sharedParts: SharedParts;
  }
}

/** More than one run of all tests takes; with their keys they must fit into one environment variable. */
const ACCOUNTS = 900;

/** Runs once, before all test files: makes what their stacks share. Gives what to call after them. */
export default async function makeParts({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shared-parts-'));
  const takenAccounts = path.join(folder, 'accounts');
  await mkdir(takenAccounts);
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `test${index}`);
  const [host, azurite] = await Promise.all([
    compileHost(path.join(folder, 'host')),
    startAzurite({ accounts }),
  ]);
  const { tableEndpoint, queueEndpoint, blobEndpoint } = azurite;
  provide('sharedParts', {
    host,
    compileCache: path.join(folder, 'compiled'),
    azurite: { tableEndpoint, queueEndpoint, blobEndpoint },
    accounts,
    takenAccounts,
  });
  return async () => {
    await azurite.stop();
    await rm(folder, { recursive: true });
  };
}
