import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { curlSample, javaScriptSample, type SampledRequest } from '../../src/console/request-samples.ts';

const run = promisify(execFile);

/** Names that shells, JSON and JavaScript read as something else unless they are quoted. */
const NAMES = [
  'v4.1 line-3 approved',
  "it's the operator's",
  '"; rm -rf ~; echo "',
  '$(reboot) `reboot` $HOME ${HOME} %PATH% !!',
  String.raw`C:\new\table \' \" \\`,
  '日本語 ١٢٣ שלום',
  '👩‍🏭 emoji 🏳️‍🌈',
  '</script><!-- &amp; *?[a]',
  '${process.exit(1)}',
  "'",
  '\\',
  'a\u2028b\u2066c',
];

interface Received {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

let received: Received[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    received.push({ method, url, headers, body });
    response.end('{}');
  });
});
let origin: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
});
afterAll(() => void server.close());

const sampled = (request: Partial<SampledRequest>): SampledRequest => ({
  url: `${origin}/prefix/it's/iterations/1`,
  method: 'caller-key',
  name: 'v1',
  idempotencyKey: 'a-key',
  accept: 'application/json',
  ...request,
});

/** Each sample in a block of its own: so one process runs them all. */
const PROGRAMS = {
  curl: (requests: SampledRequest[]) => ['bash', '-c', requests.map(curlSample).join('\n')],
  JavaScript: (requests: SampledRequest[]) => [
    process.execPath,
    '--input-type=module',
    '-e',
    requests.map((request) => `{ ${javaScriptSample(request)} }`).join('\n'),
  ],
} as const satisfies Record<string, (requests: SampledRequest[]) => readonly string[]>;

async function runSamples(language: keyof typeof PROGRAMS, requests: SampledRequest[], env: object) {
  received = [];
  const [program = '', ...args] = PROGRAMS[language](requests);
  await run(program, args, { env: { ...process.env, ...env } });
  return received;
}

it.each(['curl', 'JavaScript'] as const)('as %s sends any name as it is', async (language) => {
  const requests = NAMES.map((name) => sampled({ name }));
  await runSamples(language, requests, { CALLER_KEY: 'line-3.secret' });
  expect(received.map(({ body }): unknown => JSON.parse(body))).toEqual(NAMES.map((name) => ({ name })));
  expect(received[0]).toMatchObject({
    method: 'PATCH',
    url: "/prefix/it's/iterations/1",
    headers: {
      'training-key': 'line-3.secret',
      'content-type': 'application/json',
      'idempotency-key': '"a-key"',
      accept: 'application/json',
    },
  });
});

it.each([
  { method: 'function-key', variable: 'FUNCTION_KEY', header: 'x-functions-key', sent: 'secret' },
  { method: 'entra', variable: 'ACCESS_TOKEN', header: 'authorization', sent: 'Bearer secret' },
] as const)('takes the credential of $method from $variable', async ({ method, variable, header, sent }) => {
  const requests = [sampled({ method, accept: 'application/xml' })];
  for (const language of ['curl', 'JavaScript'] as const) {
    const [{ headers } = { headers: {} }] = await runSamples(language, requests, { [variable]: 'secret' });
    expect(headers).toMatchObject({ [header]: sent, accept: 'application/xml' });
  }
});

it('writes characters that hide what a line does as escapes', () => {
  const request = sampled({ name: 'safe\u202Eedoc\u2028\u0007' });
  for (const text of [curlSample(request), javaScriptSample(request)]) {
    expect(text).toContain(String.raw`safe\u202eedoc\u2028\u0007`);
  }
});
