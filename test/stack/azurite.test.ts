import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TableServiceClient } from '@azure/data-tables';
import { expect, it } from 'vitest';
import { startAzurite } from './azurite.ts';
import { isRunning } from './is-running.ts';

it('starts on free ports, serves the tables SDK, and is gone after stop', async () => {
  const azurite = await startAzurite();
  await TableServiceClient.fromConnectionString(azurite.connectionString, {
    allowInsecureConnection: true,
  }).createTable('renames');
  await azurite.stop();
  expect(isRunning(azurite.pid)).toBe(false);
});

it('dies with its parent, even one that is killed', async () => {
  const parent = spawn(
    process.execPath,
    [
      '--import',
      new URL('end-with-parent.ts', import.meta.url).href,
      fileURLToPath(new URL('fixtures/start-and-wait.ts', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [output]: unknown[] = await once(parent.stdout, 'data');
  const pid = Number(String(output));
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 3000 }).toBe(false);
});
