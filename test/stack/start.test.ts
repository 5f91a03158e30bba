import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

async function start(...args: string[]): Promise<string> {
  const script = fileURLToPath(new URL('start.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--once', ...args]);
  return stdout;
}

it('shows a rename with a function key', async () => {
  const output = await start();
  expect(output).toMatch(/> x-functions-key: [^]*< 200 OK[^]*callerKind +function-key/);
  expect(output).not.toContain('Bearer');
});

it('shows a token being minted, asked for, and used', async () => {
  const output = await start('--entra');
  const token = /"access_token": "([\w.-]+)"/.exec(output)?.[1];
  expect(token).toBeDefined();
  expect(output).toMatch(/< 401 Unauthorized[^]*< www-authenticate: Bearer/);
  expect(output).toContain(`> authorization: Bearer ${token}`);
  expect(output).toMatch(/< 200 OK[^]*callerKind +entra-application/);
  expect(output).not.toContain('x-functions-key');
});
