import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRaw, exchange, statusesIn } from '../stack/fixtures/raw-exchange.ts';
import { iterationPath, type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

// What no client library sends, and people do.

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterAll(() => proxy.stop());

const JSON_TYPE = 'Content-Type: application/json\r\n';

function requestOf({
  path,
  method = 'PATCH',
  name = 'raw',
  headers = JSON_TYPE,
}: {
  path: string;
  method?: string;
  name?: string;
  headers?: string;
}): string {
  const body = JSON.stringify({ name });
  const key = `X-Functions-Key: ${proxy.app.functionKey}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: h\r\n${key}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

it.each([
  { case: 'the method in lower case', request: { method: 'patch' }, status: 200 },
  { case: 'its media type twice', request: { headers: JSON_TYPE + JSON_TYPE }, status: 415 },
  { case: 'what is no escape for an id', path: () => iterationPath('%zz', '%ff'), status: 400 },
  { case: 'a backslash in an id', path: () => iterationPath(String.raw`a\b`, 'c'), status: 400 },
  { case: 'the path of an endpoint that ends with a slash', prefix: '/', status: 404 },
])('a rename with $case is answered $status', async ({ request, path, prefix = '', status }) => {
  const iteration = proxy.seed();
  const sent = requestOf({ path: path?.() ?? `${prefix}${iteration.path}`, ...request });
  const answer = await exchange(proxy.app.url, sent.replace('\r\n', '\r\nConnection: close\r\n'));
  expect(statusesIn(answer)).toEqual([status]);
  expect(await proxy.records(iteration.projectId)).toHaveLength(status === 200 ? 1 : 0);
});

it('carries pipelined renames out in their order', async () => {
  const iteration = proxy.seed();
  const client = await connectRaw(proxy.app.url);
  const names = ['first', 'second', 'third'];
  client.send(names.map((name) => requestOf({ path: iteration.path, name })).join(''));
  await expect.poll(() => statusesIn(client.received()), { timeout: 10_000 }).toEqual([200, 200, 200]);
  client.destroy();
  expect(namesSent(iteration)).toEqual(names);
});

it('keeps a true record of a rename whose client has ended its side, and gets no answer', async () => {
  const iteration = proxy.seed();
  const client = await connectRaw(proxy.app.url);
  proxy.stack.customVision.faults.inject({ kind: 'delay', delayMs: 500, acts: true, when: 'PATCH' });
  client.send(requestOf({ path: iteration.path }));
  await expect.poll(() => namesSent(iteration), { timeout: 10_000 }).toEqual(['raw']);
  client.endSending();
  await client.ended;
  expect(client.received()).toBe('');
  const statuses = async (): Promise<unknown[]> =>
    (await proxy.records(iteration.projectId)).map(({ status }) => status);
  await expect.poll(statuses, { timeout: 10_000 }).toEqual(['succeeded']);
});

function namesSent(iteration: SeededIteration): unknown[] {
  return proxy
    .upstreamRequests(iteration)
    .filter(({ method }) => method === 'PATCH')
    .map(({ body }) => Object(JSON.parse(body)).name);
}
