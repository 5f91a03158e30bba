import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppFolder, type AppFolder } from './fixtures/function-app.ts';
import { connectRaw, exchange, statusesIn } from './fixtures/raw-exchange.ts';
import { TELLING_APP } from './fixtures/telling-app.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';

// Each answer stood in the same exchange with the real host, or with the Kestrel below it.

const SOURCE = `${TELLING_APP}
http('items', { route: 'items/{id}' });
http('answers', { handler: () => ({ status: 418, headers: { 'x-own': 'yes' }, body: 'tea' }) });
http('answers-nothing', { handler: () => ({ status: 204, headers: { 'x-own': 'yes' } }) });
http('answers-oddly', { handler: () => ({ headers: { 'x-own': '\\u00e9' }, body: 'tea' }) });
http('slow', {
  handler: async (request, context) => {
    context.log('begun', request.query.get('n'));
    await new Promise((resolve) => setTimeout(resolve, Number(request.query.get('ms'))));
    context.log('done', request.query.get('n'));
    return { body: request.query.get('n') };
  },
});
`;
const HOST = 'Host: h\r\n';
const CLOSE = 'Connection: close\r\n';

let folder: AppFolder;
let app: FunctionApp;

beforeAll(async () => {
  folder = await createAppFolder({
    source: SOURCE,
    hostJson: { extensions: { http: { routePrefix: '' } } },
  });
  app = await startFunctionApp({ appRoot: folder.appRoot, settings: {} });
});
afterAll(async () => {
  await app.stop();
  await folder.remove();
});

const send = (bytes: string): Promise<string> => exchange(app.url, bytes);

describe('an answer', () => {
  it('has its body in chunks, and no length', async () => {
    const answer = await send(`GET /answers HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 418 .*\r\n(?:.+\r\n)*\r\n3\r\ntea\r\n0\r\n\r\n$/);
    expect(answer).toMatch(/^Transfer-Encoding: chunked\r$/m);
    expect(answer).toMatch(/^x-own: yes\r$/m);
    expect(answer).not.toMatch(/^Content-Length/im);
  });

  it('says that it has no body by its length, but for a 204', async () => {
    expect(await send(`GET /nothing HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)).toMatch(/^Content-Length: 0\r$/m);
    const empty = await send(`GET /answers-nothing HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    expect(empty).toMatch(/^HTTP\/1\.1 204 /);
    expect(empty).not.toMatch(/Content-Length|Transfer-Encoding/i);
  });

  it('ends with the connection for a client of HTTP/1.0', async () => {
    expect(await send(`GET /answers HTTP/1.0\r\n${HOST}\r\n`)).toMatch(
      /^HTTP\/1\.1 418 .*\r\nConnection: close\r\n(?:.+\r\n)*\r\ntea$/,
    );
  });

  it('is a 500 where a header of the app has a character beyond ASCII', async () => {
    expect(await send(`GET /answers-oddly HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)).toMatch(/^HTTP\/1\.1 500 /);
  });
});

/** A path that makes its request line this long. */
const lineOf = (bytes: number): string => `/items/${'a'.repeat(bytes - 'GET /items/ HTTP/1.1\r\n'.length)}`;
const headersOf = (count: number): string => `${HOST}${'X-A: 1\r\n'.repeat(count - 2)}`;

describe('a request', () => {
  const get = (path: string, headers = HOST): string => `GET ${path} HTTP/1.1\r\n${headers}${CLOSE}\r\n`;
  const post = (headers: string, body = ''): string =>
    `POST /items/a HTTP/1.1\r\n${HOST}${CLOSE}${headers}\r\n${body}`;
  it.each([
    { case: 'a line of 8,192 bytes', bytes: get(lineOf(8192)), status: 200 },
    { case: 'a line of 8,193 bytes', bytes: get(lineOf(8193)), status: 414 },
    { case: '100 headers', bytes: get('/items/a', headersOf(100)), status: 200 },
    { case: '101 headers', bytes: get('/items/a', headersOf(101)), status: 431 },
    {
      case: 'headers past 32 KiB',
      bytes: get('/items/a', `${HOST}X-A: ${'a'.repeat(32_768)}\r\n`),
      status: 431,
    },
    { case: 'UTF-8 in a header', bytes: get('/items/a', `${HOST}X-A: \xc3\xa9\r\n`), status: 200 },
    { case: 'Latin-1 in a header', bytes: get('/items/a', `${HOST}X-A: \xe9\r\n`), status: 400 },
    { case: 'a NUL in a header', bytes: get('/items/a', `${HOST}X-A: a\0b\r\n`), status: 400 },
    {
      case: 'a space before the colon of a header',
      bytes: get('/items/a', `${HOST}X-A : a\r\n`),
      status: 400,
    },
    { case: 'a folded header', bytes: get('/items/a', `${HOST}X-A: a\r\n b\r\n`), status: 400 },
    { case: 'an encoded NUL in its path', bytes: get('/items/%00'), status: 400 },
    { case: 'a byte beyond ASCII in its path', bytes: get('/items/\xe9'), status: 400 },
    { case: 'two slashes before its path', bytes: get('//items/a'), status: 404 },
    { case: 'no Host', bytes: get('/items/a', ''), status: 400 },
    { case: 'two Hosts', bytes: get('/items/a', `${HOST}${HOST}`), status: 400 },
    { case: 'no Host, in HTTP/1.0', bytes: 'GET /items/a HTTP/1.0\r\n\r\n', status: 500 },
    { case: 'an absolute target', bytes: get('http://h/items/a'), status: 200 },
    { case: "an absolute target of another Host's", bytes: get('http://other/items/a'), status: 400 },
    { case: 'a target without a slash', bytes: get('items/a'), status: 405 },
    { case: 'HTTP/2.0 for its version', bytes: `GET /items/a HTTP/2.0\r\n${HOST}\r\n`, status: 505 },
    { case: 'a line of rubbish', bytes: 'hello\r\n', status: 400 },
    { case: 'TLS', bytes: '\x16\x03\x01\x02', status: 400 },
    { case: 'line feeds alone', bytes: 'GET /items/a HTTP/1.1\nHost: h\nConnection: close\n\n', status: 200 },
    { case: 'an empty line before it', bytes: `\r\n${get('/items/a')}`, status: 200 },
    { case: 'a method of any name', bytes: `BREW /items/a HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, status: 404 },
    { case: 'a length twice', bytes: post('Content-Length: 1\r\nContent-Length: 1\r\n', 'a'), status: 400 },
    { case: 'a length that is none', bytes: post('Content-Length: -1\r\n'), status: 400 },
    { case: 'a coding that is not known', bytes: post('Transfer-Encoding: gzip\r\n'), status: 400 },
    {
      case: 'a length and chunks',
      bytes: post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
      status: 200,
    },
    { case: 'more than 100 MiB announced', bytes: post('Content-Length: 104857601\r\n'), status: 500 },
    { case: 'an expectation that is none', bytes: post('Expect: nonsense\r\n'), status: 200 },
  ])('with $case is answered $status, and the connection ends', async ({ bytes, status }) => {
    const answer = await send(bytes);
    expect(statusesIn(answer)).toEqual([status]);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });
});

describe('a connection', () => {
  it('is kept for the next request, and passes over a body that was not read', async () => {
    const client = await connectRaw(app.url);
    client.send(`POST /nothing HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`);
    await expect.poll(() => statusesIn(client.received())).toEqual([404]);
    client.send(`GET /answers HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    await client.ended;
    expect(statusesIn(client.received())).toEqual([404, 418]);
  });

  it('answers pipelined requests one after the other, the next one only when the last is done', async () => {
    const all = [1, 2, 3].map((n) => `GET /slow?ms=50&n=${n} HTTP/1.1\r\n${HOST}${n === 3 ? CLOSE : ''}\r\n`);
    const answers = await send(all.join(''));
    expect(statusesIn(answers)).toEqual([200, 200, 200]);
    const log = [...app.output().matchAll(/(?:begun|done) \d/g)].map(([line]) => line);
    expect(log).toEqual(['begun 1', 'done 1', 'begun 2', 'done 2', 'begun 3', 'done 3']);
  });

  it('takes requests byte by byte as well as at once', async () => {
    const requests = [
      `POST /items/a HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`,
      `POST /nothing HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-After: 1\r\n\r\n`,
      `GET /answers HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
    ].join('');
    const client = await connectRaw(app.url);
    for (const byte of requests) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.ended;
    expect(statusesIn(client.received())).toEqual([200, 404, 418]);
    expect(client.received()).toContain('"body":"abc"');
    expect(statusesIn(await send(requests))).toEqual([200, 404, 418]);
  });

  it('answers what came before rubbish, and then 400', async () => {
    expect(statusesIn(await send(`GET /answers HTTP/1.1\r\n${HOST}\r\nrubbish\r\n`))).toEqual([418, 400]);
  });

  it('says 100 Continue when the body is wanted, and not where it is not', async () => {
    const expecting = `${HOST}${CLOSE}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n`;
    const client = await connectRaw(app.url);
    client.send(`POST /items/a HTTP/1.1\r\n${expecting}`);
    await expect.poll(() => client.received()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    await client.ended;
    expect(statusesIn(client.received())).toEqual([100, 200]);

    const refused = await connectRaw(app.url);
    refused.send(`POST /nothing HTTP/1.1\r\n${expecting}`);
    await expect.poll(() => statusesIn(refused.received())).toEqual([404]);
    refused.destroy();
  });

  it('that the client ended on its side gives no answer; the function runs all the same', async () => {
    const client = await connectRaw(app.url);
    client.send(`GET /slow?ms=1500&n=7 HTTP/1.1\r\n${HOST}\r\n`);
    await expect.poll(() => app.output()).toContain('begun 7');
    client.endSending();
    await client.ended;
    expect(client.received()).toBe('');
    await expect.poll(() => app.output(), { timeout: 5000 }).toContain('done 7');
  });
});
