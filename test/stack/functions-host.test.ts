import { request as httpRequest } from 'node:http';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from './azurite.ts';
import { createAppFolder, type AppFolder } from './fixtures/function-app.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';

const HOST_JSON = {
  extensions: {
    http: { routePrefix: '' },
    queues: {
      messageEncoding: 'none',
      visibilityTimeout: '00:00:00',
      maxDequeueCount: 3,
      maxPollingInterval: '00:00:00.2',
    },
  },
};
const UUID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

const SOURCE = `
import { app } from '@azure/functions';
const tell = (name) => async (request, context) => ({
  jsonBody: { name, params: request.params, query: Object.fromEntries(request.query), body: await request.text(), trace: context.traceContext.traceParent },
});
const http = (name, options) => app.http(name, { methods: ['GET'], authLevel: 'anonymous', handler: tell(name), ...options });

http('b-specific', { route: 'items/special' });
http('a-general', { route: 'items/{id}' });
http('c-guid', { route: 'things/{id:guid}', methods: ['GET', 'POST'] });
http('d-rest', { route: 'files/{*path}' });
http('e-function', { route: 'guarded', authLevel: 'function' });
http('f-admin', { route: 'administered', authLevel: 'admin' });
http('g-throws', { route: 'throws', handler: () => { throw new Error('told to the log only'); } });
http('h-answers-nothing', { route: 'answers-nothing', handler: () => ({ status: 204, headers: { 'x-own': 'yes' } }) });
http('h-answers', { route: 'answers', handler: () => ({ status: 418, headers: { 'x-own': 'yes' }, body: 'tea' }) });
http('i-disabled', { route: 'disabled' });
app.timer('j-timer', { schedule: '%TICK%', handler: (timer, context) => context.log('tick', timer.isPastDue) });
app.timer('k-failing-timer', { schedule: '0 0 0 1 1 *', handler: () => { throw new Error('not today'); } });
app.storageQueue('l-queue', {
  queueName: 'work', connection: 'WORK_STORAGE',
  handler: (message, context) => {
    context.log('work', JSON.stringify(message), context.triggerMetadata.dequeueCount, Object.keys(context.triggerMetadata).sort().join());
    if (message.fail) throw new Error('cannot');
  },
});
app.storageQueue('m-poison', {
  queueName: 'work-poison', connection: 'WORK_STORAGE',
  handler: (message, context) => context.log('poison', JSON.stringify(message)),
});
app.hook.preInvocation((context) => { context.hookData.startedBy = 'hook'; });
app.hook.postInvocation((context) => { if (context.error) context.invocationContext.log('hook saw', context.hookData.startedBy, context.error.message); });
app.hook.appStart(() => console.log('hook: app start'));
`;

let azurite: Azurite;
let folder: AppFolder;
let app: FunctionApp;

beforeAll(async () => {
  azurite = await startAzurite();
  folder = await createAppFolder({ source: SOURCE, hostJson: HOST_JSON });
  app = await startFunctionApp({
    appRoot: folder.appRoot,
    queueLeaseSeconds: 2,
    settings: {
      TICK: '* * * * * *',
      WORK_STORAGE: azurite.connectionString,
      'AzureWebJobs.i-disabled.Disabled': 'true',
    },
  });
});
afterAll(async () => {
  await app.stop();
  await Promise.all([azurite.stop(), folder.remove()]);
});

async function answerOf(path: string) {
  const response = await fetch(`${app.url}/${path}`);
  const { status, headers } = response;
  return [status, headers.get('x-own'), headers.get('content-length'), await response.text()];
}

describe('HTTP routing', () => {
  it.each([
    {
      case: 'by function name, with no ranking by specificity',
      path: '/items/special',
      seen: { name: 'a-general', params: { id: 'special' } },
    },
    {
      case: 'without regard to case in literal segments',
      path: '/ITEMS/One',
      seen: { name: 'a-general', params: { id: 'One' } },
    },
    { case: 'with decoded parameters', path: '/items/a%20b%2Fc', seen: { params: { id: 'a b%2Fc' } } },
    {
      case: 'to a constraint that is met',
      path: `/things/${UUID}`,
      seen: { name: 'c-guid', params: { id: UUID } },
    },
    {
      case: 'by the rest of a path',
      path: '/files/a/b/c',
      seen: { name: 'd-rest', params: { path: 'a/b/c' } },
    },
  ])('goes $case', async ({ path, seen }) => {
    const response = await fetch(`${app.url}${path}`);
    expect([response.status, await response.json()]).toMatchObject([200, seen]);
  });

  it.each([
    { case: 'nothing matches', path: '/nothing' },
    { case: 'a constraint is not met', path: '/things/one' },
    { case: 'a segment is missing', path: '/items' },
    { case: 'a segment is too many', path: '/items/one/two' },
    { case: 'the route takes other methods only (no 405)', path: '/items/one', method: 'DELETE' },
    { case: 'the function is disabled', path: '/disabled' },
  ])('answers 404 where $case', async ({ path, method = 'GET' }) => {
    expect((await fetch(`${app.url}${path}`, { method })).status).toBe(404);
  });

  it("passes status, headers and body of the handler's answer on, with its length where there may be one", async () => {
    expect(await answerOf('answers')).toEqual([418, 'yes', '3', 'tea']);
    expect(await answerOf('answers-nothing')).toEqual([204, 'yes', null, '']);
  });

  it('answers 500 without a body when the handler throws, and logs the exception', async () => {
    const response = await fetch(`${app.url}/throws`);
    expect([response.status, await response.text()]).toEqual([500, '']);
    await expect.poll(() => app.output()).toContain('Error: told to the log only');
    expect(app.output()).toContain('hook saw hook told to the log only');
  });

  it('hands on query and body, but not the body of a chunked request', async () => {
    const url = `${app.url}/things/${UUID}?a=1&b=2&a=3`;
    expect(await (await fetch(url, { method: 'POST', body: 'sized' })).json()).toMatchObject({
      query: { a: '1,3', b: '2' },
      body: 'sized',
    });
    expect(JSON.parse(await postChunked(url, 'chunked'))).toMatchObject({ body: '' });
  });

  it("continues the caller's trace", async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const response = await fetch(`${app.url}/items/one`, {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    expect(Object(await response.json()).trace).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });
});

describe('function keys', () => {
  it.each([
    { case: 'no key', path: '/guarded', status: 401 },
    { case: 'a wrong key', path: '/guarded', key: () => 'wrong', status: 401 },
    { case: 'the function key', path: '/guarded', key: () => app.functionKey, status: 200 },
    { case: 'the master key', path: '/guarded', key: () => app.masterKey, status: 200 },
    {
      case: 'the function key where admin is asked',
      path: '/administered',
      key: () => app.functionKey,
      status: 401,
    },
    {
      case: 'the master key where admin is asked',
      path: '/administered',
      key: () => app.masterKey,
      status: 200,
    },
  ])('answer $status to $case', async ({ path, key, status }) => {
    const byHeader = await fetch(`${app.url}${path}`, {
      headers: key === undefined ? {} : { 'x-functions-key': key() },
    });
    const byQuery = await fetch(`${app.url}${path}${key === undefined ? '' : `?code=${key()}`}`);
    expect([byHeader.status, byQuery.status]).toEqual([status, status]);
  });

  it('guard the admin API with the master key alone', async () => {
    const post = (key: string, name = 'j-timer') =>
      fetch(`${app.url}/admin/functions/${name}`, {
        method: 'POST',
        headers: { 'x-functions-key': key },
        body: '{}',
      });
    const answers = await Promise.all([
      post('wrong'),
      post(app.functionKey),
      post(app.masterKey),
      post(app.masterKey, 'none'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 202, 404]);
  });

  it('are not among the settings of the app', () => {
    expect(app.output()).not.toContain(app.masterKey);
  });
});

describe('timers', () => {
  it('run by their schedule, which may come from a setting', async () => {
    await expect.poll(() => app.output(), { timeout: 3000 }).toMatch(/Reason='Timer fired'[^]*tick false/);
  });

  it('run on demand, and tell whether they threw', async () => {
    expect(await app.invoke('j-timer')).toEqual({ succeeded: true });
    expect(await app.invoke('k-failing-timer')).toEqual({ succeeded: false });
  });
});

describe('queues', () => {
  it('hand a message over once, with its metadata, and delete it', async () => {
    await queue('work').createIfNotExists();
    await queue('work').sendMessage('{"task":"one"}');
    const metadata = 'dequeueCount,expirationTime,id,insertionTime,nextVisibleTime,popReceipt,queueTrigger';
    await expect.poll(() => app.output(), { timeout: 3000 }).toContain(`work {"task":"one"} 1 ${metadata}`);
    await expect
      .poll(async () => (await queue('work').getProperties()).approximateMessagesCount, { timeout: 3000 })
      .toBe(0);
  });

  it('try a failing message maxDequeueCount times, then move it to the poison queue', async () => {
    await queue('work').createIfNotExists();
    await queue('work').sendMessage('{"task":"two","fail":true}');
    await expect.poll(() => app.output(), { timeout: 5000 }).toContain('poison {"task":"two","fail":true}');
    expect(
      [...app.output().matchAll(/work \{"task":"two","fail":true\} (\d)/g)].map(([, count]) => count),
    ).toEqual(['1', '2', '3']);
  });

  it('run on demand with an input', async () => {
    expect(await app.invoke('l-queue', '{"task":"three"}')).toEqual({ succeeded: true });
    expect(app.output()).toContain('work {"task":"three"} 1');
  });
});

function queue(name: string): QueueClient {
  return new QueueClient(azurite.connectionString, name);
}

function postChunked(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
