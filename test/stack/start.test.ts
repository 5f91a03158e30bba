import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';

// Each test starts everything there is.
vi.setConfig({ testTimeout: 60_000 });

const SCRIPT = fileURLToPath(new URL('start.ts', import.meta.url));

async function start(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '--once', ...args]);
  return stdout;
}

it('shows a rename with a caller key, one by the official SDK, and one by a signed webhook', async () => {
  const output = await start();
  expect(output).toMatch(
    /^Console +http:\/\/127\.0\.0\.1:\d+\/console\nCaller key +line-3\.[\w-]{43}\n\nFunction app/,
  );
  expect(output).toMatch(/> Training-Key: line-3\.[^]*< 200 OK[^]*callerKind +caller-key/);
  expect(output).toMatch(/updateIteration\(projectId, iterationId[^]*is now "Candidate 1"/);
  expect(output).not.toContain('Bearer');
  // Then a signed webhook, and the rename that follows.
  expect(output).toMatch(
    /> x-hub-signature-256: sha256=[0-9a-f]{64}[^]*< 202 Accepted[^]*< rename-id: [^]*trigger +webhook/,
  );
  expect(output).toMatch(
    /requestedName +v4\.1[^]*status +succeeded|status +succeeded[^]*requestedName +v4\.1/,
  );
});

it('prints a command that delivers one more, and last a console whose key works', async () => {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += String(chunk);
    if (output.includes('Up until Ctrl-C.')) break;
  }
  const [command = ''] = /^ {2}body='[^]*-d "\$body"$/m.exec(output) ?? [];
  const { stdout } = await promisify(execFile)('bash', ['-c', command]);
  expect(stdout).toMatch(/^HTTP\/1\.1 202 /);

  const [, address = '', key = ''] = /\nConsole +(\S+)\nCaller key +(\S+)\n\nUp until/.exec(output) ?? [];
  const page = await fetch(new URL('/', address));
  expect([page.url, page.status, await page.text()]).toEqual([
    address,
    200,
    expect.stringContaining('caller-key'),
  ]);
  const [, project = ''] = /\/training\/projects\/([\w-]+)\//.exec(output) ?? [];
  const history = await fetch(new URL(`/projects/${project}/renames`, address), {
    headers: { 'Training-Key': key },
  });
  child.kill('SIGTERM');
  expect(history.status).toBe(200);
});

it('shows a token being minted, asked for, and used', async () => {
  const output = await start('--entra');
  expect(output).toMatch(/^Console +http:\S+\/console\nSign in +as Ada\. .* https:\/\/127\.0\.0\.1:\d+ /);
  expect(output).toMatch(/curl -i \\\n +--cacert '/);
  const token = /"access_token": "([\w.-]+)"/.exec(output)?.[1];
  expect(token).toBeDefined();
  expect(output).toMatch(/< 401 Unauthorized[^]*< www-authenticate: Bearer/);
  expect(output).toContain(`> authorization: Bearer ${token}`);
  expect(output).toMatch(/< 200 OK[^]*callerKind +entra-application/);
  expect(output).not.toContain('Training-Key:');
});
