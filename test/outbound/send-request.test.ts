import { getEventListeners, once } from 'node:events';
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { createSendRequest, type ExchangeRequest } from '../../src/outbound/send-request.ts';
import { createLoopbackCertificate } from '../stack/loopback-certificate.ts';

const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

async function originOf(
  server: Server | Http2SecureServer | ReturnType<typeof createTcpServer>,
): Promise<URL> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return new URL(`http://127.0.0.1:${(address satisfies AddressInfo).port}`);
}

async function startHttp(listener: RequestListener): Promise<URL> {
  const server = createHttpServer(listener);
  running.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return originOf(server);
}

/** A server that answers the first bytes of each connection with these. */
async function startRaw(answer: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  running.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return originOf(server);
}

const patch = (url: URL, signal: AbortSignal = AbortSignal.timeout(3000)): ExchangeRequest => ({
  method: 'PATCH',
  url,
  headers: { 'content-type': 'application/json', 'training-key': 'k' },
  body: '{"name":"é"}',
  signal,
});
const BODY_BOUND = 32 * 1024;

it('readings that take every connection they may have leave a rename its own', async () => {
  const hanging: ServerResponse[] = [];
  const url = await startHttp((request, response) => {
    if (request.method === 'GET') hanging.push(response);
    else response.end('{}');
  });
  const sendRequest = createSendRequest();
  const readings = Array.from({ length: 100 }, () =>
    sendRequest({ ...patch(url), method: 'GET', body: null }),
  );
  await expect.poll(() => hanging.length).toBe(64);
  expect(await sendRequest(patch(url))).toMatchObject({ kind: 'answered' });
  expect(hanging.length).toBe(64);
  for (let answered = 0; answered < 100; answered += 1) {
    await expect.poll(() => hanging.length).toBeGreaterThan(0);
    hanging.shift()?.end('{}');
  }
  await Promise.all(readings);
});

describe('an exchange', () => {
  it('sends the request with its length in bytes, and gives status, headers and text', async () => {
    const seen: unknown[] = [];
    const url = await startHttp((request, response) => {
      request.on('data', (chunk: Buffer) =>
        seen.push(request.method, request.headers, chunk.toString('utf8')),
      );
      request.on('end', () =>
        response.writeHead(418, { 'x-one': '1', 'set-cookie': ['a', 'b'] }).end('tea: é'),
      );
    });
    const exchanged = await createSendRequest()(patch(url));
    expect(exchanged).toMatchObject({ kind: 'answered', status: 418, text: 'tea: é' });
    const headers = ['x-one', 'set-cookie', 'absent'].map((name) =>
      exchanged.kind === 'answered' ? exchanged.header(name) : null,
    );
    expect(headers).toEqual(['1', null, null]);
    expect(seen).toMatchObject([
      'PATCH',
      {
        'content-length': '13',
        'training-key': 'k',
        'user-agent': `custom-vision-rename-proxy/${manifest.version}`,
      },
      '{"name":"é"}',
    ]);
  });

  it('keeps path and query, on an IPv6 host', async () => {
    const server = createHttpServer((request, response) => response.end(request.url)).listen(0, '::1');
    running.push(() => server.close().closeAllConnections());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : null;
    const exchanged = await createSendRequest()(patch(new URL(`http://[::1]:${port}/a%20b?c=d`)));
    expect(exchanged).toMatchObject({ kind: 'answered', text: '/a%20b?c=d' });
  });

  it('reuses its connections, and leaves no listener on them or on the signal', async () => {
    const ports = new Set<number | undefined>();
    const url = await startHttp((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on('end', () => response.end('{}'));
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    const sendRequest = createSendRequest();
    const { signal } = new AbortController();
    for (let count = 0; count < 30; count += 1) await sendRequest(patch(url, signal));
    process.off('warning', onWarning);
    expect(ports.size).toBeLessThanOrEqual(2); // one may still be busy with the end of an answer
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: a %i is an answer', async (status) => {
    let strangers = 0;
    const elsewhere = await startHttp((_request, response) => {
      strangers += 1;
      response.end();
    });
    const url = await startHttp((_request, response) => {
      response.writeHead(status, { location: elsewhere.href }).end();
    });
    expect(await createSendRequest()(patch(url))).toMatchObject({ kind: 'answered', status });
    expect(strangers).toBe(0);
  });

  it('speaks HTTP/1.1 with a server that has HTTP/2 too', async () => {
    const certificate = await createLoopbackCertificate();
    setDefaultCACertificates([certificate.cert]);
    const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) =>
      response.end(request.httpVersion),
    );
    running.push(() => void server.close());
    const url = await originOf(server);
    url.protocol = 'https:';
    expect(await createSendRequest()(patch(url))).toMatchObject({ kind: 'answered', text: '1.1' });
    await certificate.remove();
  });

  it('never retries', async () => {
    let requests = 0;
    const url = await startHttp((request) => {
      requests += 1;
      request.socket.destroy();
    });
    expect((await createSendRequest()(patch(url))).kind).toBe('no_answer');
    expect(requests).toBe(1);
  });
});

describe('what may have been acted on', () => {
  it('is nothing where the connection is refused', async () => {
    const server = createHttpServer();
    const url = await originOf(server);
    server.close();
    await once(server, 'close');
    expect((await createSendRequest()(patch(url))).kind).toBe('not_sent');
  });

  it('is nothing where the host has no address', async () => {
    const url = new URL('http://does-not-exist.invalid');
    expect((await createSendRequest()(patch(url))).kind).toBe('not_sent');
  });

  it('is nothing where the other side speaks no TLS', async () => {
    const url = await startHttp((_request, response) => response.end());
    url.protocol = 'https:';
    expect((await createSendRequest()(patch(url))).kind).toBe('not_sent');
  });

  it('is nothing where the TLS handshake never ends', async () => {
    const url = await startRaw(() => {});
    url.protocol = 'https:';
    expect((await createSendRequest()(patch(url, AbortSignal.timeout(200)))).kind).toBe('not_sent');
  });

  it('is nothing where the signal was aborted before', async () => {
    let requests = 0;
    const url = await startHttp(() => void (requests += 1));
    expect((await createSendRequest()(patch(url, AbortSignal.abort()))).kind).toBe('not_sent');
    expect(requests).toBe(0);
  });

  it.each<{ case: string; answer: (socket: Socket) => void }>([
    { case: 'the connection is reset', answer: (socket) => socket.resetAndDestroy() },
    { case: 'the connection ends', answer: (socket) => socket.end() },
    { case: 'the answer is not HTTP', answer: (socket) => socket.end('what?\r\n\r\n') },
    {
      case: 'the headers are too long',
      answer: (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
    },
    {
      case: 'the body ends halfway',
      answer: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a"'),
    },
    {
      case: 'the body is reset halfway',
      answer(socket) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a"', () => socket.resetAndDestroy());
      },
    },
    {
      case: 'the other side changes the protocol',
      answer(socket) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
      },
    },
    {
      case: 'only early hints arrive',
      answer: (socket) => void socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
    },
    { case: 'nothing arrives in time', answer: () => {} },
    {
      case: 'only half of the answer arrives in time',
      answer: (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a"'),
    },
    {
      case: 'single bytes arrive slowly',
      answer(socket) {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const drip = setInterval(() => socket.write('1\r\na\r\n'), 20);
        socket.once('close', () => clearInterval(drip));
      },
    },
  ])('may be something where $case', async ({ answer }) => {
    const url = await startRaw(answer);
    const startedMs = performance.now();
    const exchanged = await createSendRequest()(patch(url, AbortSignal.timeout(300)));
    expect(exchanged.kind).toBe('no_answer');
    expect(performance.now() - startedMs).toBeLessThan(600);
  });

  it('is nothing where the signal is aborted while all connections are busy, not even later', async () => {
    const taken: ServerResponse[] = [];
    const url = await startHttp(
      (request, response) => void request.resume().on('end', () => taken.push(response)),
    );
    const sendRequest = createSendRequest();
    const others = Array.from({ length: 64 }, () => sendRequest(patch(url)));
    await expect.poll(() => taken.length).toBe(64);
    expect((await sendRequest(patch(url, AbortSignal.timeout(50)))).kind).toBe('not_sent');
    for (const response of taken) response.end('{}');
    await Promise.all(others);
    await sendRequest(patch(url, AbortSignal.timeout(200)));
    expect(taken).toHaveLength(65);
  });

  it('may be something on a connection that was open already', async () => {
    let requests = 0;
    const url = await startHttp((request, response) => {
      requests += 1;
      if (requests === 1) request.resume().on('end', () => response.end('{}'));
      else request.socket.resetAndDestroy();
    });
    const sendRequest = createSendRequest();
    expect((await sendRequest(patch(url))).kind).toBe('answered');
    expect((await sendRequest(patch(url))).kind).toBe('no_answer');
  });
});

describe('the text of an answer', () => {
  it.each([
    { case: 'may be 32 KiB', body: Buffer.alloc(BODY_BOUND, 'x'), text: 'x'.repeat(BODY_BOUND) },
    { case: 'must not be longer', body: Buffer.alloc(BODY_BOUND + 1, 'x'), text: null },
    { case: 'must be UTF-8', body: Buffer.of(0x22, 0xff, 0x22), text: null },
    { case: 'may be empty', body: Buffer.alloc(0), text: '' },
  ])('$case', async ({ body, text }) => {
    const url = await startHttp((_request, response) => response.end(body));
    expect(await createSendRequest()(patch(url))).toMatchObject({ kind: 'answered', text });
  });

  it.each([
    { case: 'may be as large as the request says', more: 0, text: 'x'.repeat(100_000), isTooLarge: false },
    { case: 'must not be larger than that', more: 1, text: null, isTooLarge: true },
  ])('$case', async ({ more, text, isTooLarge }) => {
    const url = await startHttp((_request, response) => response.end(Buffer.alloc(100_000 + more, 'x')));
    const exchanged = await createSendRequest()({ ...patch(url), maxResponseBytes: 100_000 });
    expect(exchanged).toMatchObject({ kind: 'answered', text, isTooLarge });
  });

  it('is told apart where it is not UTF-8', async () => {
    const url = await startHttp((_request, response) => response.end(Buffer.of(0x22, 0xff, 0x22)));
    expect(await createSendRequest()(patch(url))).toMatchObject({ text: null, isTooLarge: false });
  });

  it.each([undefined, 4 * 1024 * 1024])('is cut off as soon as it is too long: %s', async (bound) => {
    let written = 0;
    const url = await startHttp((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384;
      };
      response.on('drain', more).on('error', () => {});
      more();
    });
    const request = { ...patch(url), ...(bound === undefined ? {} : { maxResponseBytes: bound }) };
    expect(await createSendRequest()(request)).toMatchObject({ text: null, isTooLarge: true });
    expect(written).toBeLessThan((bound ?? 0) + 8 * 1024 * 1024);
  });
});
