import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

const run = promisify(execFile);
const canRun = async (command: string): Promise<boolean> =>
  run(command, ['--version']).then(
    () => true,
    () => false,
  );
const HAS = { curl: await canRun('curl'), python: await canRun('python3') };

let proxy: RenameProxy;
let key: string;
beforeAll(async () => {
  proxy = await startRenameProxy({ callerAuthentication: 'caller-key' });
  key = proxy.stack.callerKeys['line-3'] ?? '';
});
afterAll(() => proxy.stop());

interface Wire {
  /** What the sample adds to the path. */
  readonly query: string;
  /** As its library writes them, in order and in this casing. `Host` and `Content-Length` are added. */
  readonly headers: readonly string[];
}

const APPLICATION_JSON = 'Content-Type: application/json';

/**
 * The request of each sample on the page of the operation UpdateIteration (API 3.2) as its library sends it.
 * Host, key and the placeholders differ from the page, and nothing else.
 */
const SAMPLES: Readonly<Record<string, (callerKey: string) => Wire>> = {
  curl: (callerKey) => ({
    query: '',
    headers: ['User-Agent: curl/8.5.0', 'Accept: */*', APPLICATION_JSON, `Training-key: ${callerKey}`],
  }),
  // The page's sample ends before it sends; HttpClient would send this.
  'C# (HttpClient)': (callerKey) => ({
    query: '?',
    headers: [`Training-key: ${callerKey}`, APPLICATION_JSON],
  }),
  'Java (Apache HttpClient)': (callerKey) => ({
    query: '',
    headers: [
      APPLICATION_JSON,
      `Training-key: ${callerKey}`,
      'Connection: Keep-Alive',
      'User-Agent: Apache-HttpClient/4.5.14 (Java/17.0.10)',
      'Accept-Encoding: gzip,deflate',
    ],
  }),
  'JavaScript (jQuery, in a browser)': (callerKey) => ({
    query: '?',
    headers: [
      'Connection: keep-alive',
      'sec-ch-ua-platform: "Windows"',
      `Training-key: ${callerKey}`,
      'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
      'Accept: */*',
      APPLICATION_JSON,
      'Origin: https://intranet.example',
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: cors',
      'Sec-Fetch-Dest: empty',
      'Referer: https://intranet.example/',
      'Accept-Encoding: gzip, deflate, br, zstd',
      'Accept-Language: en-US,en;q=0.9',
    ],
  }),
  'Objective-C (NSURLConnection)': (callerKey) => ({
    query: '?entities=true',
    headers: [
      APPLICATION_JSON,
      `Training-key: ${callerKey}`,
      'Accept: */*',
      'User-Agent: sample/1.0 CFNetwork/1494.0.7 Darwin/23.4.0',
      'Accept-Language: en-US,en;q=0.9',
      'Accept-Encoding: gzip, deflate',
      'Connection: keep-alive',
    ],
  }),
  'PHP (HTTP_Request2)': (callerKey) => ({
    query: '',
    headers: [
      APPLICATION_JSON,
      `Training-Key: ${callerKey}`,
      'User-Agent: HTTP_Request2/2.5.1 (http://pear.php.net/package/http_request2) PHP/8.3.4',
      'Connection: close',
      'Accept-Encoding: gzip, deflate',
    ],
  }),
  'Python 2.7 (httplib)': (callerKey) => ({
    query: '?',
    headers: ['Accept-Encoding: identity', `Training-key: ${callerKey}`, APPLICATION_JSON],
  }),
  'Python 3.2 (http.client)': (callerKey) => ({
    query: '?',
    headers: ['Accept-Encoding: identity', APPLICATION_JSON, `Training-key: ${callerKey}`],
  }),
  'Ruby (Net::HTTP)': (callerKey) => ({
    query: '?',
    headers: [
      'Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
      'Accept: */*',
      'User-Agent: Ruby',
      APPLICATION_JSON,
      `Training-Key: ${callerKey}`,
      'Connection: close',
    ],
  }),
};

/** Writes the bytes to a socket: no client in between changes a header's casing or an empty query. */
async function send(iteration: SeededIteration, { query, headers }: Wire, body: string): Promise<string> {
  const { hostname, port, host } = new URL(proxy.app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const lines = [
    `PATCH ${iteration.path}${query} HTTP/1.1`,
    `Host: ${host}`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let answer = '';
  socket.setEncoding('utf8');
  while (!/\r\n\r\n.*\}/s.test(answer)) answer += String((await once(socket, 'data'))[0]);
  socket.destroy();
  return answer;
}

const nameOf = ({ projectId, iterationId }: SeededIteration) =>
  proxy.stack.customVision.iteration(projectId, iterationId)?.name;

describe.each(Object.keys(SAMPLES))("the page's sample for %s", (language) => {
  const wireOf = SAMPLES[language] ?? (() => ({ query: '', headers: [] }));

  it('renames', async () => {
    const iteration = proxy.seed();
    const answer = await send(iteration, wireOf(key), '{"name": "v4.1 approved"}');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase()).toContain('content-type: application/json; charset=utf-8');
    expect(answer).toContain('"name":"v4.1 approved"');
    expect(nameOf(iteration)).toBe('v4.1 approved');
  });

  it('gets the error model for a wrong key', async () => {
    const answer = await send(proxy.seed(), wireOf('{subscription key}'), '{"name":"x"}');
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(answer).toContain('{"code":"Unauthorized","message":"A valid credential is required."}');
  });
});

it.skipIf(!HAS.curl)("the page's curl command, run by curl", async () => {
  const iteration = proxy.seed();
  const body = '{"name": "by curl"}';
  const headers = ['-H', APPLICATION_JSON, '-H', `Training-key: ${key}`];
  const command = [
    '-v',
    '-X',
    'PATCH',
    `${proxy.app.url}${iteration.path}`,
    ...headers,
    '--data-ascii',
    body,
  ];
  expect(JSON.parse((await run('curl', command)).stdout)).toMatchObject({ name: 'by curl' });
  expect(nameOf(iteration)).toBe('by curl');
});

it.skipIf(!HAS.python)("the page's Python 3 program, run by Python, without TLS", async () => {
  const iteration = proxy.seed();
  const program = `
import http.client, urllib.request, urllib.parse, urllib.error, base64

headers = {
    # Request headers
    'Content-Type': 'application/json',
    'Training-key': '${key}',
}

params = urllib.parse.urlencode({
})

try:
    conn = http.client.HTTPConnection('${new URL(proxy.app.url).host}')
    conn.request("PATCH", "${iteration.path}?%s" % params, '{"name": "by Python"}', headers)
    response = conn.getresponse()
    data = response.read()
    print(data.decode())
    conn.close()
except Exception as e:
    print("[Errno {0}] {1}".format(e.errno, e.strerror))
`;
  expect(JSON.parse((await run('python3', ['-c', program])).stdout)).toMatchObject({ name: 'by Python' });
  expect(nameOf(iteration)).toBe('by Python');
});

it('a page of another origin is not let in: browsers are closed out by default', async () => {
  const iteration = proxy.seed();
  const preflight = await fetch(`${proxy.app.url}${iteration.path}?`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://intranet.example',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'content-type,training-key',
    },
  });
  const answer = await proxy.rename(iteration, {
    headers: { 'training-key': key, origin: 'https://intranet.example' },
  });
  for (const { headers } of [preflight, answer]) {
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
  expect(preflight.ok).toBe(false);
});
