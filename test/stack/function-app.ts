import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CompiledHost } from './compile-host.ts';
import { createOutputFile } from './output-file.ts';
import { sharedParts } from './shared-parts.ts';

export interface FunctionAppOptions {
  /** The app's whole environment, but for `PATH` and `NODE_COMPILE_CACHE`. */
  settings: Record<string, string>;
  /** The folder that holds package.json, with `main`, and host.json. */
  appRoot: string;
  port?: number;
  nodeArgs?: readonly string[];
  /** Where `compileHost` has put the host; when left out the shared one, or else its sources. */
  host?: CompiledHost;
  /**
   * After how long a queue message held by a killed host shows again; ten minutes by default, as in the
   * cloud.
   */
  queueLeaseSeconds?: number;
  /** Whether timer functions run only when a test invokes them. */
  withoutTimers?: boolean;
  keys?: { masterKey: string; functionKey: string };
  /** Whether the app runs in a second process, which the host starts anew when it dies, as the real one does. */
  hasWorker?: boolean;
  /** Whether an app that has no functions is what is wanted. */
  mayBeEmpty?: boolean;
}

export interface FunctionApp {
  url: string;
  pid: number;
  masterKey: string;
  functionKey: string;
  /** The names of the functions, in the order in which their routes are tried. */
  functions: string[];
  /** Everything the process wrote so far, to stdout and stderr. */
  output(): string;
  /** Runs a timer or queue function now; resolves when it has ended and tells whether it threw. */
  invoke(functionName: string, input?: string): Promise<{ succeeded: boolean }>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to end (SIGTERM), waits, and insists after five seconds. Does nothing to one that has ended. */
  stop(): Promise<void>;
}

const SOURCES: CompiledHost = {
  preload: new URL('end-with-parent.ts', import.meta.url).href,
  program: fileURLToPath(new URL('functions-host/main.ts', import.meta.url)),
};
const WITH_WORKER: CompiledHost = {
  ...SOURCES,
  program: fileURLToPath(new URL('functions-host/host-with-worker.ts', import.meta.url)),
};

const LOOK_EVERY_MS = 5;

/**
 * The origins of the apps that were started from the product's own bundle, so that tests can tell their
 * answers.
 */
export const startedApps = new Set<string>();
/** Dispatches `start` while an app comes up. */
export const appStarts = new EventTarget();

/**
 * Starts the app in a Functions host of its own process; rejects with its output when it does not come up.
 * The host comes up without functions where the app's settings are bad, as the real one does: that is
 * rejected too, since people want to read why.
 */
export async function startFunctionApp(options: FunctionAppOptions): Promise<FunctionApp> {
  const keys = options.keys ?? {
    masterKey: randomBytes(32).toString('base64url'),
    functionKey: randomBytes(32).toString('base64url'),
  };
  const { host = options.hasWorker === true ? WITH_WORKER : (sharedParts()?.host ?? SOURCES) } = options;
  const output = createOutputFile();
  const child = spawn(
    process.execPath,
    [
      '--import',
      host.preload,
      ...(options.nodeArgs ?? []),
      host.program,
      '--app-root',
      options.appRoot,
      '--port',
      String(options.port ?? 0),
      ...(options.queueLeaseSeconds === undefined
        ? []
        : ['--queue-lease-seconds', String(options.queueLeaseSeconds)]),
      ...(options.withoutTimers === true ? ['--without-timers'] : []),
    ],
    {
      stdio: ['pipe', output.fd, output.fd],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        ...options.settings,
        FUNCTIONS_HOST_MASTER_KEY: keys.masterKey,
        FUNCTIONS_HOST_FUNCTION_KEY: keys.functionKey,
      },
    },
  );

  appStarts.dispatchEvent(new Event('start'));

  let ended = false;
  const exited = once(child, 'exit').then(() => {
    output.end();
    ended = true;
    return { code: child.exitCode, signal: child.signalCode };
  });

  /** Resolves with the match as soon as the output has it; rejects when the process ends without. */
  const seen = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const isLastLook = ended;
      const match = pattern.exec(output.text());
      if (match !== null) return match;
      if (isLastLook) throw new Error(`the function app ended:\n${output.text()}`);
      await sleep(LOOK_EVERY_MS);
    }
  };

  const [readyLine] = await seen(/^\{"ready":true,.*\}$/m);
  const ready = parseReady(readyLine);
  if (ready.functions.length === 0 && options.mayBeEmpty !== true) {
    child.kill('SIGKILL');
    await exited;
    const why = output
      .text()
      .replace(readyLine, '')
      .replaceAll(/^\[\w+\] /gm, '')
      .trim();
    throw new Error(`the function app has no functions:\n${why}`);
  }
  if (ready.functions.includes('describe-api')) startedApps.add(new URL(ready.url).origin);
  return {
    ...ready,
    ...keys,
    pid: child.pid ?? 0,
    output: () => output.text(),
    async invoke(functionName, input) {
      const response = await fetch(`${ready.url}/admin/functions/${functionName}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': keys.masterKey },
        body: JSON.stringify(input === undefined ? {} : { input }),
      });
      if (response.status !== 202)
        throw new Error(`POST /admin/functions/${functionName} answered ${response.status}`);
      const id = response.headers.get('x-ms-invocation-id');
      const end = await seen(new RegExp(`Executed 'Functions\\.[^']*' \\((Succeeded|Failed), Id=${id},`));
      return { succeeded: end[1] === 'Succeeded' };
    },
    kill: (signal) => void child.kill(signal),
    exited,
    async stop() {
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(insist);
    },
  };
}

function parseReady(line: string): { url: string; functions: string[] } {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null || !('url' in parsed) || !('functions' in parsed))
    throw new Error(`not a ready line: ${line}`);
  const { url, functions } = parsed;
  return { url: String(url), functions: Array.isArray(functions) ? functions.map(String) : [] };
}
