import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { post, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

// How SDKs write a CloudEvent, as the HTTP protocol binding and the JSON format allow it.

let proxy: WebhookProxy;
beforeAll(async () => {
  const rename = `data.iterationId ? $merge([data, { "name": subject ? subject : data.name }])`;
  proxy = await startWebhookProxy({
    settings: { WEBHOOK_SOURCES: JSON.stringify({ events: { scheme: 'cloud-events', rename } }) },
  });
});
afterAll(() => proxy.stop());

const send = (body: unknown, headers: Record<string, string>) =>
  post(proxy.app, '/webhooks/events', typeof body === 'string' ? body : JSON.stringify(body), {
    'x-functions-key': proxy.app.functionKey,
    ...headers,
  });
const attributes = () => ({ specversion: '1.0', id: randomUUID(), source: '/a', type: 'b' });
const dataFor = ({ projectId, iterationId }: SeededIteration, name = 'v4.1') => ({
  projectId,
  iterationId,
  name,
});
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const binary = (more: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ ...attributes(), ...more }).map(([name, value]) => [`ce-${name}`, value]),
  );
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BATCHED = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };

describe('a binary event', () => {
  it.each([
    { case: 'percent-encoded', subject: 'v4.1%20%E6%A4%9C%E6%9F%BB', name: 'v4.1 検査' },
    { case: 'quoted', subject: String.raw`"v4.1 \"A\" \\ %41"`, name: String.raw`v4.1 "A" \ A` },
    { case: 'plain, with a percent sign', subject: '100% of %zz, %ff', name: '100% of %zz, %ff' },
  ])('names the iteration by a subject that is $case', async ({ subject, name }) => {
    const iteration = proxy.seed();
    const answer = await send(dataFor(iteration), {
      'content-type': 'application/json',
      ...binary({ subject }),
    });
    expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({ requestedName: name });
  });

  it.each(['application/vnd.acme+json', 'text/json; charset=utf-8'])('carries JSON as %s', async (type) => {
    const iteration = proxy.seed();
    const answer = await send(dataFor(iteration), { 'content-type': type, ...binary() });
    expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({ requestedName: 'v4.1' });
  });
});

describe('a structured event with data_base64', () => {
  it.each([
    { case: 'of JSON', more: { datacontenttype: 'application/json' } },
    { case: 'of a kind of JSON', more: { datacontenttype: 'application/vnd.acme+json; charset=utf-8' } },
    { case: 'without a content type', more: {} },
  ])('$case renames, alone and in a batch', async ({ more }) => {
    const [first, second] = [proxy.seed(), proxy.seed()];
    const eventOf = (iteration: SeededIteration) => ({
      ...attributes(),
      ...more,
      data_base64: base64(dataFor(iteration)),
    });
    const alone = await send(eventOf(first), STRUCTURED);
    const batched = await send([eventOf(second)], BATCHED);
    expect(await proxy.ended(first, alone.renameId)).toMatchObject({ status: 'succeeded' });
    expect(await proxy.ended(second, batched.renameId)).toMatchObject({ status: 'succeeded' });
  });

  it('of something else is left as it is', async () => {
    const event = { ...attributes(), datacontenttype: 'image/png', data_base64: base64({}) };
    expect((await send(event, STRUCTURED)).status).toBe(204);
  });
});

describe('a batch', () => {
  it('may have as many events as Event Grid puts into one, and not one more', async () => {
    const iteration = proxy.seed();
    const others = Array.from({ length: 4999 }, attributes);
    const answer = await send([...others, { ...attributes(), data: dataFor(iteration) }], BATCHED);
    expect(answer.status).toBe(202);
    const tooMany = [...others, attributes(), attributes()];
    expect(await send(tooMany, BATCHED)).toMatchObject({
      status: 400,
      text: expect.stringContaining('5000'),
    });
  }, 60_000);

  it('names each event that is none, and accepts none of the others', async () => {
    const iteration = proxy.seed();
    const good = { ...attributes(), data: dataFor(iteration) };
    const answer = await send([good, { ...attributes(), source: undefined }, good, 7], BATCHED);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'BadRequest',
      details: [{ path: '/1' }, { path: '/3', message: 'an event is an object' }],
    });
    expect(await proxy.records(iteration.projectId)).toEqual([]);
  });
});

it("in Event Grid's own schema is told what to change", async () => {
  const events = [
    { id: '1', eventType: 'a', subject: 's', dataVersion: '1', metadataVersion: '1', data: {} },
  ];
  for (const kind of ['Notification', 'SubscriptionValidation']) {
    const answer = await send(events, { 'content-type': 'application/json', 'aeg-event-type': kind });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('--event-delivery-schema cloudeventschemav1_0');
  }
});
