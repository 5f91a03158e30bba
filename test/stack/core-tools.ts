import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CoreTools {
  url: string;
  exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface CoreToolsOptions {
  appRoot: string;
  settings: Record<string, string>;
  port: number;
  /** Gets what has been started at once, so that it can be stopped before it is up. */
  started?: (coreTools: CoreTools) => void;
  /** How long `func` may take to end when it is asked to. */
  patienceMs?: number;
}

const LOOK_EVERY_MS = 250;

/**
 * Runs the same app under Azure Functions Core Tools, where a person has `func` on the PATH. It asks for no
 * function keys.
 */
export async function startCoreTools(options: CoreToolsOptions): Promise<CoreTools> {
  const { appRoot, settings, port, patienceMs = 10_000 } = options;
  const url = `http://127.0.0.1:${port}`;
  if (await isTaken(port))
    throw new Error(`Something else listens on port ${port}: end it, or choose another with --port.`);
  const child = spawn('func', ['start', '--port', String(port)], {
    cwd: appRoot,
    // Environment variables win over local.settings.json.
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own: `func` starts a worker, which must not outlive it.
    detached: true,
  });
  const exited = once(child, 'exit').catch((error: unknown) => {
    throw new Error('Azure Functions Core Tools do not start: is `func` (version 4) on the PATH?', {
      cause: error,
    });
  });
  exited.catch(() => {});
  const killWithParent = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', killWithParent);

  const coreTools: CoreTools = {
    url,
    exited,
    async stop() {
      signalGroup(child, 'SIGTERM');
      const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMs);
      await exited.catch(() => {});
      clearTimeout(insist);
      // What it had started, and left behind.
      signalGroup(child, 'SIGKILL');
      process.off('exit', killWithParent);
    },
  };
  options.started?.(coreTools);
  const ended = new AbortController();
  await Promise.race([
    untilUp(url, ended.signal),
    exited
      .finally(() => ended.abort())
      .then(() => {
        throw new Error('Azure Functions Core Tools ended before the app was up.');
      }),
  ]);
  return coreTools;
}

/**
 * Resolves when the host runs and has functions, or has ended: it answers long before that, and also where the
 * app could not be loaded.
 */
async function untilUp(url: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const status = await readJson(`${url}/admin/host/status`);
    const functions = await readJson(`${url}/admin/functions`);
    if (Object(status).state === 'Running' && Array.isArray(functions) && functions.length > 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function readJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function isTaken(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  return Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)])
    .catch(() => false)
    .finally(() => socket.destroy());
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
