import { once } from 'node:events';
import { createServer, request as send, type Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SECRETS, SIGN, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

// A gateway such as API Management gives the app a path of its own, and takes it off what it passes on.

const PREFIX = '/models/rename';

let proxy: WebhookProxy;
let gateway: Server;
let origin = '';
beforeAll(async () => {
  proxy = await startWebhookProxy();
  const { hostname, port } = new URL(proxy.app.url);
  gateway = createServer((request, response) => {
    const path = request.url?.startsWith(`${PREFIX}/`) === true ? request.url.slice(PREFIX.length) : null;
    if (path === null) return void response.writeHead(404).end('not the path of this app');
    const onwards = send(
      { hostname, port, path, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onwards);
  });
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  const address = gateway.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  gateway.close();
  gateway.closeAllConnections();
  await proxy.stop();
});

interface Asked {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

const ask = (path: string, init: Asked = {}) =>
  fetch(`${origin}${PREFIX}${path}`, {
    ...init,
    headers: {
      'content-type': 'application/json',
      'x-functions-key': proxy.app.functionKey,
      ...init.headers,
    },
  });
const rename = (path: string) => ask(path, { method: 'PATCH', body: '{"name":"behind a gateway"}' });

async function recordAt(location: string | null, answer: Response): Promise<unknown> {
  const url = new URL(location ?? '', answer.url);
  const record = await fetch(url, { headers: { 'x-functions-key': proxy.app.functionKey } });
  return record.ok ? record.json() : `${record.status} at ${url.pathname}`;
}

it.each([
  { case: 'of the only resource', path: (path: string) => path },
  { case: 'of a named resource', path: (path: string) => `/default${path}` },
  { case: 'with a slash at its end', path: (path: string) => `${path}/` },
  { case: 'with a query', path: (path: string) => `${path}?a=/b/c` },
])('leads from a rename $case to its record', async ({ path }) => {
  const answer = await rename(path(proxy.seed().path));
  expect(answer.status).toBe(200);
  const renameId = answer.headers.get('rename-id');
  expect(await recordAt(answer.headers.get('location'), answer)).toMatchObject({
    renameId,
    status: 'succeeded',
  });
});

it('leads from an error to its record', async () => {
  proxy.stack.customVision.faults.inject({ kind: 'status', status: 409, when: 'PATCH' });
  const answer = await rename(proxy.seed().path);
  expect(await recordAt(answer.headers.get('location'), answer)).toMatchObject({ status: 'rejected' });
});

it('leads from an accepted delivery to its record, by header and by body', async () => {
  const { projectId, iterationId } = proxy.seed();
  const body = JSON.stringify({ projectId, iterationId, name: 'accepted' });
  const headers = SIGN.github({ body, secret: SECRETS.github, id: randomUUID() });
  const answer = await ask('/webhooks/github', { method: 'POST', body, headers });
  expect(answer.status).toBe(202);
  const { renameId, location } = Object(await answer.json());
  expect(answer.headers.get('location')).toBe(location);
  expect(await recordAt(location, answer)).toMatchObject({ renameId });
});

it('leads from a page of the history to the next', async () => {
  const iteration = proxy.seed();
  await rename(iteration.path);
  await rename(iteration.path);
  const page = await ask(
    `/projects/${iteration.projectId}/renames?limit=1&iterationId=${iteration.iterationId}`,
  );
  const next = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
  expect(await recordAt(next, page)).toMatchObject({ renames: [{ iterationId: iteration.iterationId }] });
});
