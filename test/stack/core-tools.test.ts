import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startCoreTools, type CoreTools } from './core-tools.ts';
import { isRunning } from './is-running.ts';

// In the place of the real `func`: starts a worker, as it does, and answers what a test tells it, one answer
// after the other.
const FUNC = `#!${process.execPath}
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
const { IGNORES_SIGTERM, ANSWERS, PIDS } = process.env;
process.on('SIGTERM', () => { if (!IGNORES_SIGTERM) process.exit(0); });
const answers = JSON.parse(ANSWERS);
const server = createServer((request, response) => {
  const [answer] = answers;
  if (request.url === '/admin/functions' && answers.length > 1) answers.shift();
  response.end(JSON.stringify(request.url === '/admin/functions' ? answer.functions : { state: answer.state }));
});
server.listen(Number(process.argv.at(-1)), '127.0.0.1', () => writeFileSync(PIDS, process.pid + ' ' + worker.pid));
`;
const NOT_YET = { state: 'Default', functions: [] };
const UP = { state: 'Running', functions: [{ name: 'one' }] };

let folder: string;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'core-tools-'));
  await writeFile(path.join(folder, 'func'), FUNC, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  port = await freePort();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function start(
  answers: object[],
  more: { settings?: Record<string, string>; started?: (coreTools: CoreTools) => void } = {},
): Promise<CoreTools> {
  const { started = () => {} } = more;
  const settings = { ANSWERS: JSON.stringify(answers), PIDS: path.join(folder, 'pids'), ...more.settings };
  return startCoreTools({ appRoot: folder, settings, port, started, patienceMs: 500 });
}

const readPids = (): number[] => readFileSync(path.join(folder, 'pids'), 'utf8').split(' ').map(Number);
/** Those of `func` and of its worker, once both are there. */
async function pids(): Promise<number[]> {
  await expect.poll(readPids, { timeout: 5000 }).toHaveLength(2);
  return readPids();
}
const areRunning = async (): Promise<boolean[]> => (await pids()).map(isRunning);

/** A machine may be slow in clearing away what has ended. */
const PATIENTLY = { timeout: 10_000 };

it('is up when the host runs and lists its functions, not before', async () => {
  const func = await start([NOT_YET, { state: 'Running', functions: [] }, { ...UP, state: 'Error' }, UP]);
  expect(await (await fetch(`${func.url}/admin/host/status`)).json()).toEqual({ state: 'Running' });
  await func.stop();
});

it('takes its worker along when it ends', async () => {
  const func = await start([UP]);
  expect(await areRunning()).toEqual([true, true]);
  await func.stop();
  await expect.poll(areRunning, PATIENTLY).toEqual([false, false]);
});

it('can be stopped before it is up', async () => {
  const { promise, resolve } = Promise.withResolvers<CoreTools>();
  const up = start([NOT_YET], { started: resolve });
  const stopped = (async () => {
    const func = await promise;
    await pids();
    await func.stop();
  })();
  await expect(up).rejects.toThrow('ended before the app was up');
  await stopped;
  await expect.poll(areRunning, PATIENTLY).toEqual([false, false]);
  expect(await isAsked()).toBe(false);
});

it('is killed where it does not end when asked', async () => {
  const func = await start([UP], { settings: { IGNORES_SIGTERM: 'yes' } });
  await func.stop();
  await expect.poll(areRunning, PATIENTLY).toEqual([false, false]);
});

it('does not take a stranger on its port for the app', async () => {
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  await expect(start([UP])).rejects.toThrow(`Something else listens on port ${port}`);
  stranger.close();
});

it('says what to do where there is no `func`', async () => {
  vi.stubEnv('PATH', path.join(folder, 'nothing'));
  await expect(start([UP])).rejects.toThrow('is `func` (version 4) on the PATH?');
});

/** Whether somebody still waits for the app to come up. */
async function isAsked(): Promise<boolean> {
  const heir = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(heir, 'listening');
  const asked = await Promise.race([once(heir, 'connection').then(() => true), sleep(1000, false)]);
  heir.close();
  return asked;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
