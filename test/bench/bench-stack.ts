import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../../.build/app.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { APP_ROOT, startStack, type Stack } from '../stack/stack.ts';
import { forkHere } from './child.ts';
import type { Target } from './participants/participant.ts';

export const MAX_CONCURRENCY = 32;

/** What the participants run against: the stack, a fast upstream, and the function apps to compare. */
export interface BenchStack {
  readonly stack: Stack;
  /** App roots of the usual function and the hello function, bundled. */
  readonly apps: { readonly usual: string; readonly hello: string };
  readonly settings: Record<string, string>;
  setUpstreamDelay(delayMs: number): Promise<void>;
  upstreamCounts(): Promise<{ GET: number; PATCH: number }>;
  /** Each target has a project of its own, so that no partition grows large. */
  target(front: FunctionApp | { url: string } | null): Target;
  startNginx(): Promise<{ url: string } | null>;
  stop(): Promise<void>;
}

export async function startBenchStack(): Promise<BenchStack> {
  const upstreamProcess = forkHere('upstream-process.ts');
  const [listening]: { port: number }[] = await once(upstreamProcess, 'message');
  const upstream = `http://127.0.0.1:${listening?.port}`;
  const stack = await startStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const [usual, hello] = await Promise.all([bundle(folder, 'usual'), bundle(folder, 'hello')]);
  const settings = {
    UPSTREAM: upstream,
    CUSTOM_VISION_RESOURCES: JSON.stringify({
      default: { endpoint: upstream, trainingKeySecret: 'training-key' },
    }),
    RENAME_STORAGE: stack.azurite.connectionString,
    UPSTREAM_MAX_RENAMES_PER_SECOND: '1000',
    NODE_ENV: 'production',
  };
  const ends: (() => unknown)[] = [];

  return {
    stack,
    settings,
    apps: { usual, hello },
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
      storage: stack.azurite.connectionString,
      projectId: randomUUID(),
      iterationIds: Array.from({ length: MAX_CONCURRENCY }, () => randomUUID()),
      front:
        front === null
          ? null
          : {
              url: front.url,
              headers: 'functionKey' in front ? { 'x-functions-key': front.functionKey } : {},
            },
    }),
    async startNginx() {
      const nginx = await startNginx(folder, upstream, stack.trainingKey);
      if (nginx !== null) ends.push(() => nginx.stop());
      return nginx;
    },
    async stop() {
      for (const end of ends) end();
      upstreamProcess.kill();
      await stack.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** One of `apps/`, bundled as the product is. */
async function bundle(folder: string, name: string): Promise<string> {
  const appRoot = path.join(folder, name);
  await mkdir(appRoot);
  await bundleFunctions(fileURLToPath(new URL(`apps/${name}.ts`, import.meta.url)), appRoot, {
    keepNames: name === 'usual', // the official SDK's HTTP client knows an AbortSignal by its class's name
  });
  await cp(path.join(APP_ROOT, 'host.json'), path.join(appRoot, 'host.json'));
  await writeFile(path.join(appRoot, 'package.json'), '{"type":"module","main":"main.js"}');
  return appRoot;
}

/** A reverse proxy that adds the key; null if nginx is not installed. */
async function startNginx(
  folder: string,
  upstream: string,
  trainingKey: string,
): Promise<{ url: string; stop(): void } | null> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  // Characters with a meaning in nginx's configuration are replaced; the upstream here checks no key.
  const key = trainingKey.replaceAll(/["\\$]/g, 'x');
  const config = path.join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream vision { server ${new URL(upstream).host}; keepalive 64; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://vision; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Training-Key "${key}"; } }
}`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', config], { stdio: 'ignore' });
  await sleep(300);
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill('SIGTERM') };
}
