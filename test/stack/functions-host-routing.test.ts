import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppFolder, type AppFolder } from './fixtures/function-app.ts';
import { exchange, jsonIn } from './fixtures/raw-exchange.ts';
import { TELLING_APP } from './fixtures/telling-app.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';

const UUID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const SOURCE = `${TELLING_APP}
http('b-specific', { route: 'items/special' });
http('a-general', { route: 'items/{id}' });
http('c-guid', { route: 'things/{id:guid}', methods: ['GET', 'POST'] });
http('d-rest', { route: 'files/{*path}' });
http('g-throws', { route: 'throws', handler: () => { throw new Error('told to the log only'); } });
http('i-disabled', { route: 'disabled' });
http('n-below-admin', { route: 'admin/own' });
http('o-root', { route: '{root:maxlength(0)?}' });
http('p-empty', { route: '' });
app.hook.preInvocation((context) => { context.hookData.startedBy = 'hook'; });
app.hook.postInvocation((context) => { if (context.error) context.invocationContext.log('hook saw', context.hookData.startedBy, context.error.message); });
`;

let folder: AppFolder;
let app: FunctionApp;

beforeAll(async () => {
  folder = await createAppFolder({
    source: SOURCE,
    hostJson: { extensions: { http: { routePrefix: '' } } },
  });
  app = await startFunctionApp({
    appRoot: folder.appRoot,
    settings: { 'AzureWebJobs.i-disabled.Disabled': 'true' },
  });
});
afterAll(async () => {
  await app.stop();
  await folder.remove();
});

/** Sends the path as it stands, which no client library does, and gives what the app saw. */
async function seenAt(path: string, { method = 'GET', headers = '' } = {}): Promise<unknown> {
  return jsonIn(
    await exchange(app.url, `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`),
  );
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
    {
      case: 'with decoded parameters, but for an encoded slash',
      path: '/items/a%20b%2Fc',
      seen: { params: { id: 'a b%2Fc' }, url: 'http://h/items/a%20b%2Fc' },
    },
    {
      case: 'with what is no escape',
      path: '/items/%zz',
      seen: { params: { id: '%zz' }, url: 'http://h/items/%25zz' },
    },
    {
      case: 'with an escape that is no UTF-8',
      path: '/items/%ff%41',
      seen: { params: { id: '%ffA' }, url: 'http://h/items/%ffA' },
    },
    {
      case: 'with a backslash',
      path: String.raw`/items/a\b`,
      seen: { params: { id: String.raw`a\b` }, url: 'http://h/items/a%5Cb' },
    },
    { case: 'without dot segments', path: '/things/../items/./one', seen: { params: { id: 'one' } } },
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
    {
      case: "to the app's own below /admin/",
      path: '/admin/own',
      seen: { name: 'n-below-admin' },
    },
    {
      case: "to the app's own root, though the host has a page there",
      path: '/?a=1',
      seen: { name: 'o-root', params: {}, query: { a: '1' } },
    },
    { case: "by the function's name, for an empty route", path: '/p-empty', seen: { name: 'p-empty' } },
    { case: 'without regard to one slash at the end', path: '/items/one/', seen: { name: 'a-general' } },
  ])('goes $case', async ({ path, seen }) => {
    expect(await seenAt(path)).toMatchObject(seen);
  });

  it('takes a method in any letter case, and shows it as it was sent', async () => {
    expect(await seenAt('/items/one', { method: 'patch' })).toMatchObject({ method: 'patch' });
  });

  it.each([
    { case: 'nothing matches', path: '/nothing' },
    { case: 'a constraint is not met', path: '/things/one' },
    { case: 'a segment is missing', path: '/items' },
    { case: 'a segment is empty', path: '//items/one' },
    { case: 'there is a slash more than the root', path: '//' },
    { case: 'there is a slash more at the end', path: '/items/one//' },
    { case: 'a segment is too many', path: '/items/one/two' },
    { case: 'the route takes other methods only (no 405)', path: '/items/one', method: 'DELETE' },
    { case: 'the function is disabled', path: '/disabled' },
  ])('answers 404 where $case', async ({ path, method = 'GET' }) => {
    expect((await fetch(`${app.url}${path}`, { method })).status).toBe(404);
  });

  it('answers 500 without a body when the handler throws, and logs the exception', async () => {
    const response = await fetch(`${app.url}/throws`);
    expect([response.status, await response.text()]).toEqual([500, '']);
    await expect.poll(() => app.output()).toContain('Error: told to the log only');
    expect(app.output()).toContain('hook saw hook told to the log only');
  });
});

describe('what the app sees of a request', () => {
  it('is query and body, but not the body of a chunked request', async () => {
    const url = `${app.url}/things/${UUID}?a=1&b=2&A=3`;
    expect(await (await fetch(url, { method: 'POST', body: 'sized' })).json()).toMatchObject({
      query: { a: '1,3', b: '2' },
      body: 'sized',
    });
    expect(JSON.parse(await postChunked(url, 'chunked'))).toMatchObject({ body: '' });
  });

  it('are the values of a repeated header joined by commas, whichever header it is', async () => {
    const headers = [
      'X-A: a\r\nX-A: b',
      'Cookie: a=1\r\nCookie: b=2',
      'User-Agent: u\r\nUser-Agent: v',
      'Content-Type: application/json\r\nContent-Type: text/plain',
      'X-U: \t \xc2\xa0\xc3\xa0 \t',
    ];
    expect(await seenAt('/items/one', { headers: `${headers.join('\r\n')}\r\n` })).toMatchObject({
      headers: {
        'x-a': 'a,b',
        cookie: 'a=1,b=2',
        'user-agent': 'u,v',
        'content-type': 'application/json,text/plain',
        'x-u': '\u00a0\u00e0', // with a blank that is no blank of HTTP's
      },
    });
  });

  it('is no trace of the host, since there is no Application Insights, but the header of the caller', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(await seenAt('/items/one', { headers: `traceparent: ${traceparent}\r\n` })).toMatchObject({
      trace: '',
      headers: { traceparent },
    });
  });
});

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
