import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { childrenOf } from './children-of.ts';
import { createAppFolder } from './fixtures/function-app.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';
import { isRunning } from './is-running.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start({
  source,
  hostJson = {},
  hasWorker = false,
}: {
  source: string;
  hostJson?: object;
  hasWorker?: boolean;
}): Promise<FunctionApp> {
  const folder = await createAppFolder({
    source: `import { app } from '@azure/functions';\n${source}`,
    hostJson,
  });
  cleanups.push(() => folder.remove());
  const app = await startFunctionApp({ appRoot: folder.appRoot, settings: {}, hasWorker });
  cleanups.push(() => app.stop());
  return app;
}

const slow = (ms: number): string => `app.http('slow', {
  methods: ['GET'], authLevel: 'anonymous', route: 'slow',
  handler: async (request, context) => { context.log('begun'); await new Promise((resolve) => setTimeout(resolve, ${ms})); return { body: 'done' }; },
});`;

describe('a host with a worker', () => {
  it.each(['is killed', 'ends itself'])('goes on after a worker that %s during a request', async (how) => {
    const app = await start({
      hasWorker: true,
      source: `${slow(60_000)}
        app.http('fast', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: String(process.pid) }) });
        app.http('leave', { methods: ['GET'], authLevel: 'anonymous', handler: () => process.exit(7) });`,
    });
    const [worker = 0] = childrenOf(app.pid);
    expect(await (await fetch(`${app.url}/api/fast`)).text()).toBe(String(worker));
    const unanswered = fetch(`${app.url}/api/slow`);
    await expect.poll(() => app.output()).toContain('begun');
    const others = how === 'is killed' ? [] : [fetch(`${app.url}/api/leave`)];
    if (how === 'is killed') process.kill(worker, 'SIGKILL');
    for (const answer of await Promise.all([unanswered, ...others]))
      expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 500, body: '' });

    const next = await fetch(`${app.url}/api/fast`);
    expect(next.status).toBe(200);
    expect(await next.text()).toBe(String(childrenOf(app.pid)[0]));
    expect(app.output()).toContain(`[error] Language Worker Process exited. Pid=${worker}.`);
  });

  it('passes bodies of any size, and ends with its worker when it is asked to', async () => {
    const app = await start({
      hasWorker: true,
      source: `app.http('echo', { methods: ['POST'], authLevel: 'anonymous', handler: async (request) => ({ body: await request.text() }) });`,
    });
    const [worker = 0] = childrenOf(app.pid);
    const body = 'x'.repeat(5_000_000);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => fetch(`${app.url}/api/echo`, { method: 'POST', body })),
    );
    for (const answer of answers) expect((await answer.text()).length).toBe(body.length);
    await app.stop();
    expect(await app.exited).toMatchObject({ code: 0 });
    expect(isRunning(worker)).toBe(false);
  });

  it('ends the connection of a client that has half an answer', async () => {
    const app = await start({
      hasWorker: true,
      source: `app.http('large', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'x'.repeat(50_000_000) }) });`,
    });
    const [worker = 0] = childrenOf(app.pid);
    const client = connect(Number(new URL(app.url).port), '127.0.0.1');
    client.write('GET /api/large HTTP/1.1\r\nHost: app\r\n\r\n');
    await once(client, 'readable');
    process.kill(worker, 'SIGKILL');
    let received = 0;
    for await (const bytes of client) received += bytes.length;
    expect(received).toBeLessThan(50_000_000);
  });

  it('leaves no worker behind when it is killed', async () => {
    const app = await start({ hasWorker: true, source: slow(1) });
    const [worker = 0] = childrenOf(app.pid);
    app.kill('SIGKILL');
    await expect.poll(() => isRunning(worker)).toBe(false);
  });
});

describe('an app whose entry point throws', () => {
  const source = `import { app } from '@azure/functions';
    app.http('early', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({}) });
    throw new Error('2 settings are wrong\\nONE\\nTWO');`;

  it('leaves the host running without functions, with 404 everywhere', async () => {
    const folder = await createAppFolder({ source });
    cleanups.push(() => folder.remove());
    const app = await startFunctionApp({ appRoot: folder.appRoot, settings: {}, mayBeEmpty: true });
    cleanups.push(() => app.stop());
    const status = await fetch(`${app.url}/admin/host/status`, {
      headers: { 'x-functions-key': app.masterKey },
    });
    expect(await status.json()).toMatchObject({ state: 'Running' });
    expect(app.functions).toEqual([]);
    expect((await fetch(`${app.url}/api/early`)).status).toBe(404);
    expect(app.output()).toMatch(
      /^\[error\] Worker was unable to load entry point "app\.js": Error: 2 settings are wrong$/m,
    );
    expect(app.output()).toMatch(/^\[information\] ONE\n\[information\] TWO$/m);
  });
});

describe('starting fails loudly', () => {
  it.each([
    {
      case: 'the entry point throws',
      source: `throw new Error('settings are wrong');`,
      message: /unable to load entry point[^]*settings are wrong/,
    },
    { case: 'nothing registers', source: '', message: /No functions found/ },
    {
      case: 'a route is not understood',
      source: `app.http('x', { authLevel: 'anonymous', route: '{a:odd}', handler: () => ({}) });`,
      message: /constraint "odd"/,
    },
    {
      case: 'a timer has no schedule of six fields',
      source: `app.timer('x', { schedule: '* * * * *', handler: () => {} });`,
      message: /NCRONTAB/,
    },
    {
      case: 'a connection is not configured',
      source: `app.storageQueue('x', { queueName: 'q', connection: 'NOWHERE', handler: () => {} });`,
      message: /NOWHERE__queueServiceUri/,
    },
  ])('when $case', async ({ source, message }) => {
    await expect(start({ source })).rejects.toThrow(message);
  });
});

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s tells the app, finishes what runs, takes no more, and exits with 0',
    async (signal) => {
      const app = await start({
        source: `${slow(400)}\napp.hook.appTerminate(() => console.log('told of the end'));`,
      });
      const answer = fetch(`${app.url}/api/slow`).then((response) => response.text());
      await expect.poll(() => app.output()).toContain('begun');
      app.kill(signal);
      await expect.poll(() => app.output()).toContain('told of the end');
      await expect(fetch(`${app.url}/api/slow`)).rejects.toThrow('fetch failed');
      expect(await answer).toBe('done');
      expect(await app.exited).toEqual({ code: 0, signal: null });
    },
  );
});

it('queues past maxConcurrentRequests and answers 429 past maxOutstandingRequests, before it asks for a key', async () => {
  const hostJson = { extensions: { http: { maxConcurrentRequests: 1, maxOutstandingRequests: 2 } } };
  const app = await start({ source: slow(300), hostJson });
  const startedAtMs = performance.now();
  const answers = await Promise.all([1, 2, 3].map(() => fetch(`${app.url}/api/slow`)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429]);
  expect(performance.now() - startedAtMs).toBeGreaterThan(590);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('x-function-scaleout')).toBe('1');
  expect(refused?.headers.has('retry-after')).toBe(false);
  expect(await refused?.text()).toBe('');
});
