import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../../.build/app.ts';
import { type CompiledHost, compileHost } from '../stack/compile-host.ts';
import type { FunctionApp, FunctionAppOptions } from '../stack/function-app.ts';
import { APP_ROOT, startStack, type Stack } from '../stack/stack.ts';
import { forkHere } from './child.ts';
import type { Target } from './participants/participant.ts';

/** Each in a project of its own, so that no partition grows large. */
const ITERATIONS = 200;

/** What is measured against: the stack, a fast upstream, and the apps to compare. */
export interface BenchStack {
  readonly stack: Stack;
  /** The upstream's origin, and the settings of every app here. */
  readonly upstream: string;
  readonly settings: Record<string, string>;
  /** Bundled, so that no app is measured with the time that Node takes to strip its host's types. */
  readonly host: CompiledHost;
  start(app: AppName, options?: Partial<FunctionAppOptions>): Promise<Front>;
  setUpstreamDelay(delayMs: number): Promise<void>;
  upstreamCounts(): Promise<{ GET: number; PATCH: number }>;
  /** Something to rename: behind the front, or at the upstream itself. */
  target(front: Front | null): Target;
  stop(): Promise<void>;
}

/**
 * `product`: this checkout's build. `beside`: another build of it. `floor`: what no app that keeps a record
 * can be under, `contract`: the same with what this product's contract asks besides. `usual`: the function as most would write it. `hello`: the smallest one.
 */
export type AppName = 'product' | 'beside' | 'floor' | 'contract' | 'usual' | 'hello';

/** A running app, and the headers that let a caller in. */
export interface Front {
  readonly app: FunctionApp;
  readonly url: string;
  readonly headers: Record<string, string>;
}

export async function startBenchStack({ beside }: { beside: string | null }): Promise<BenchStack> {
  const upstreamProcess = forkHere('upstream-process.ts');
  const [listening]: { port: number }[] = await once(upstreamProcess, 'message');
  const upstream = `http://127.0.0.1:${listening?.port}`;
  const stack = await startStack({ callerAuthentication: 'caller-key' }); // as a deployment starts with
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const [host, floor, usual, hello] = await Promise.all([
    compileHost(path.join(folder, 'host')),
    ...(['floor', 'usual', 'hello'] as const).map((name) => bundle(folder, name)),
  ]);
  const roots = { product: APP_ROOT, beside: beside ?? APP_ROOT, floor, contract: floor, usual, hello };
  const settings = {
    UPSTREAM: upstream,
    TRAINING_KEY: stack.trainingKey,
    CUSTOM_VISION_RESOURCES: JSON.stringify({
      default: { endpoint: upstream, trainingKeySecret: 'training-key' },
    }),
    RENAME_STORAGE: stack.azurite.connectionString,
    UPSTREAM_MAX_RENAMES_PER_SECOND: '1000',
    NODE_ENV: 'production',
  };

  return {
    stack,
    upstream,
    settings,
    host,
    async start(name, options = {}) {
      const app = await stack.startApp({
        appRoot: roots[name] ?? '',
        host,
        ...options,
        settings: { ...settings, FLOOR: name, ...options.settings },
      });
      return { app, url: app.url, headers: headersFor(name, app, stack) };
    },
    async setUpstreamDelay(delayMs) {
      await fetch(`${upstream}/delay/${delayMs}`, { method: 'PUT' });
    },
    async upstreamCounts() {
      const counts: { GET: number; PATCH: number } = JSON.parse(
        await (await fetch(`${upstream}/counts`)).text(),
      );
      return counts;
    },
    target: (front) => ({
      upstream,
      trainingKey: stack.trainingKey,
      projectId: randomUUID(),
      iterationIds: Array.from({ length: ITERATIONS }, () => randomUUID()),
      front: front === null ? null : { url: front.url, headers: front.headers },
    }),
    async stop() {
      upstreamProcess.kill();
      await stack.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The product takes its caller's key where clients send the training key; the others, the host's key. */
function headersFor(name: AppName, { functionKey }: FunctionApp, stack: Stack): Record<string, string> {
  return name === 'product' || name === 'beside'
    ? { 'training-key': stack.callerKeys['line-3'] ?? '' }
    : { 'x-functions-key': functionKey };
}

/** One of `apps/`, bundled as the product is. */
async function bundle(folder: string, name: string): Promise<string> {
  const appRoot = path.join(folder, name);
  await mkdir(appRoot);
  await bundleFunctions({ main: fileURLToPath(new URL(`apps/${name}.ts`, import.meta.url)) }, appRoot, {
    keepNames: name === 'usual', // the official SDK's HTTP client knows an AbortSignal by its class's name
  });
  await cp(path.join(APP_ROOT, 'host.json'), path.join(appRoot, 'host.json'));
  await writeFile(path.join(appRoot, 'package.json'), '{"type":"module","main":"main.js"}');
  return appRoot;
}
