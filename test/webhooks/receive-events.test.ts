import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack } from '../stack/stack.ts';
import { post, startWebhookProxy, type WebhookAnswer, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;

beforeAll(async () => {
  proxy = await startWebhookProxy();
});
afterAll(() => proxy.stop());

interface Event {
  specversion: string;
  id: string;
  source: string;
  type: string;
  data?: unknown;
}

const event = (data: unknown): Event => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/registries/vision',
  type: 'Registry.ModelPromoted',
  data,
});

const STRUCTURED = 'application/cloudevents+json; charset=utf-8';
const BATCHED = 'application/cloudevents-batch+json; charset=utf-8';

function send(
  body: unknown,
  headers: Record<string, string>,
  key = proxy.app.functionKey,
): Promise<WebhookAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return post(proxy.app, '/webhooks/events', text, { 'x-functions-key': key, ...headers });
}

describe('a CloudEvent', () => {
  it.each([
    {
      case: 'structured',
      as: (sent: Event) => [sent, { 'content-type': STRUCTURED }] as const,
    },
    {
      case: 'binary',
      as: ({ data, specversion, id, source, type }: Event) =>
        [
          data,
          {
            'content-type': 'application/json; charset=utf-8',
            'ce-specversion': specversion,
            'ce-id': id,
            'ce-source': source,
            'ce-type': type,
          },
        ] as const,
    },
    { case: 'in a batch of one', as: (sent: Event) => [[sent], { 'content-type': BATCHED }] as const },
  ])('that is $case renames, with its sender and its trace in the record', async ({ as }) => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const [body, headers] = as(event({ projectId, iterationId, name: 'promoted' }));
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await send(body, { ...headers, traceparent });
    expect(answer.status).toBe(202);
    expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({
      status: 'succeeded',
      callerId: 'webhook:events',
      callerName: 'function-key',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it('is identified by its source and id in every mode', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const sent = event({ projectId, iterationId, name: 'once' });
    const first = await send(sent, { 'content-type': STRUCTURED });
    const second = await send([sent], { 'content-type': BATCHED });
    expect(second).toMatchObject({ status: 202, text: first.text });
    const other = await send({ ...sent, source: '/another' }, { 'content-type': STRUCTURED });
    expect(other.renameId).not.toBe(first.renameId);
  });

  it('that asks for no rename is acknowledged', async () => {
    expect((await send(event({}), { 'content-type': STRUCTURED })).status).toBe(204);
    expect((await send([], { 'content-type': BATCHED })).status).toBe(204);
  });

  it.each([
    { case: 'an empty id', change: { id: '' } },
    { case: 'no id', change: { id: undefined } },
    { case: 'no source', change: { source: undefined } },
    { case: 'another version', change: { specversion: '7' } },
  ])('with $case is a 400', async ({ change }) => {
    const answer = await send({ ...event({}), ...change }, { 'content-type': STRUCTURED });
    expect(answer).toMatchObject({ status: 400 });
  });

  it.each([
    { case: 'not an event', body: { a: 1 }, type: 'application/json' },
    { case: 'not JSON', body: '{', type: STRUCTURED },
    { case: 'a batch that is not a list', body: { a: 1 }, type: BATCHED },
    { case: 'a batch of numbers', body: [1, 2], type: BATCHED },
  ])('$case is a 400', async ({ body, type }) => {
    expect((await send(body, { 'content-type': type })).status).toBe(400);
  });
});

describe('a batch', () => {
  it('is accepted with each of its renames', async () => {
    const iterations = [proxy.seed(), proxy.seed(), proxy.seed()];
    const events = iterations.map(({ projectId, iterationId }) =>
      event({ projectId, iterationId, name: 'batch' }),
    );
    const answer = await send([events[0], event({}), events[1], events[2]], { 'content-type': BATCHED });
    expect(answer.status).toBe(202);
    const { renames }: { renames: { renameId: string; location: string }[] } = JSON.parse(answer.text);
    expect(renames).toHaveLength(3);
    for (const [index, iteration] of iterations.entries()) {
      const record = await proxy.ended(iteration, renames[index]?.renameId ?? '');
      expect(record).toMatchObject({ status: 'succeeded' });
    }
  });

  it('is refused as a whole when one event is not valid, and says which', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const valid = event({ projectId, iterationId, name: 'batch' });
    const answer = await send([valid, event({ iterationId: 'x' })], { 'content-type': BATCHED });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('/1/projectId');
    expect(await proxy.records(projectId)).toEqual([]);
  });
});

describe('the sender of events', () => {
  it.each([
    { case: 'without a key', key: '' },
    { case: 'with a wrong key', key: 'wrong' },
  ])('$case is refused', async ({ key }) => {
    expect((await send(event({}), { 'content-type': STRUCTURED }, key)).status).toBe(401);
  });

  it('needs a grant for the source', async () => {
    const { projectId, iterationId } = proxy.seed();
    const answer = await send(event({ projectId, iterationId, name: 'not!' }), {
      'content-type': STRUCTURED,
    });
    expect(answer).toMatchObject({ status: 403, renameId: '' });
  });

  it('needs a grant of its own too: a sender cannot borrow the grants of a source', async () => {
    const open = randomUUID();
    const app = await proxy.stack.startApp({
      settings: {
        ACCESS_POLICY: JSON.stringify([
          { caller: 'webhook:events', projects: ['*'], resources: ['*'], may: ['rename'] },
          { caller: 'function-key', projects: [open], resources: ['*'], may: ['rename'] },
        ]),
      },
    });
    const ask = (projectId: string) =>
      post(
        app,
        '/webhooks/events',
        JSON.stringify(event({ projectId, iterationId: randomUUID(), name: 'x' })),
        {
          'x-functions-key': app.functionKey,
          'content-type': STRUCTURED,
        },
      );
    expect((await ask(randomUUID())).status).toBe(403);
    expect((await ask(open)).status).toBe(202);
    await app.stop();
  });
});

it('the sender of events may use a token with the permission to rename', async () => {
  const stack = await startStack({
    callerAuthentication: 'entra',
    azurite: proxy.stack.azurite,
    settings: { WEBHOOK_SOURCES: '{"events":{"scheme":"cloud-events","rename":"data.iterationId ? data"}}' },
  });
  const app = await stack.startApp();
  const { entra } = stack;
  if (entra === null) throw new Error('the stack has no issuer');
  const ask = async (roles: string[]) => {
    const token = await entra.sign({ ...entra.claims.applicationV2(), roles });
    const headers = { authorization: `Bearer ${token}`, 'content-type': STRUCTURED };
    return (await post(app, '/webhooks/events', JSON.stringify(event({})), headers)).status;
  };
  expect(await ask(['Iterations.Read'])).toBe(403);
  expect(await ask(['Iterations.Rename'])).toBe(204);
  await stack.stop();
});

const handshake = (source: string, headers: Record<string, string>) =>
  fetch(`${proxy.app.url}/webhooks/${source}`, { method: 'OPTIONS', headers });

describe('the handshake before delivery', () => {
  it('allows the origin and any rate', async () => {
    const answer = await handshake('events', {
      'webhook-request-origin': 'eventgrid.azure.net',
      'webhook-request-rate': '120',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
    expect(answer.headers.get('webhook-allowed-rate')).toBe('*');
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it.each([
    { case: 'without an origin', source: 'events', headers: {}, status: 400 },
    {
      case: 'with an origin that is not a host name',
      source: 'events',
      headers: { 'webhook-request-origin': 'a b' },
      status: 400,
    },
    {
      case: 'for a source that signs',
      source: 'github',
      headers: { 'webhook-request-origin': 'x' },
      status: 404,
    },
    {
      case: 'for an unknown source',
      source: 'unknown',
      headers: { 'webhook-request-origin': 'x' },
      status: 404,
    },
  ])('is answered $status $case', async ({ source, headers, status }) => {
    expect((await handshake(source, headers)).status).toBe(status);
  });
});
