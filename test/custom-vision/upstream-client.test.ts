import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeRequest } from '../../src/outbound/send-request.ts';
import type { TrainingKey } from '../../src/custom-vision/exchange-with-key.ts';
import { createUpstream } from '../../src/custom-vision/upstream-client.ts';
import { parseTrainingKey } from '../../src/key-vault/parse-training-key.ts';

const TARGET = {
  resource: 'default',
  apiVersion: 'v3.2',
  projectId: '11111111-1111-4111-8111-111111111111',
  iterationId: '22222222-2222-4222-8222-222222222222',
};
const OLD = 'old-key-0123456789abcdef';
const NEW = 'new-key-0123456789abcdef';

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): Exchange => ({
  kind: 'answered',
  status,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  header: (name) => headers[name] ?? null,
  isTooLarge: false,
});
const iteration = { id: TARGET.iterationId, name: 'v2' };
const notSent: Exchange = { kind: 'not_sent' };
const noAnswer: Exchange = { kind: 'no_answer' };
const refused = answered(401, { code: 'Unauthorized', message: `Access denied for ${OLD}` });

function keyOf(value: string): TrainingKey {
  const key = parseTrainingKey(value);
  if (key === null) throw new Error('no key');
  return key;
}

/** An upstream that gives these answers in order, and a vault in which the key may have been replaced. */
function createWorld({
  answers,
  replacement = null,
  hasKey = true,
}: {
  answers: Exchange[];
  replacement?: string | null;
  hasKey?: boolean;
}) {
  const sent: ExchangeRequest[] = [];
  const upstream = createUpstream({
    resources: new Map([
      [
        'default',
        { endpoint: new URL('https://japaneast.api.cognitive.microsoft.com'), trainingKeySecret: 'k' },
      ],
    ]),
    trainingKeys: {
      get: () => (hasKey ? Promise.resolve(keyOf(OLD)) : Promise.reject(new Error('no key'))),
      replacementFor: () =>
        replacement === null ? Promise.reject(new Error('no key')) : Promise.resolve(keyOf(replacement)),
    },
    async sendRequest(request) {
      sent.push(request);
      return answers[sent.length - 1] ?? noAnswer;
    },
    timeoutMs: 10_000,
    now: () => 0,
  });
  return {
    sent,
    keysSent: () => sent.map(({ headers }) => headers['training-key']),
    async rename(maySend: () => boolean = () => true) {
      const call = upstream.call(TARGET, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
      const answer = await call.rename('v2', maySend);
      call.abandon();
      return answer;
    },
    async read() {
      const call = upstream.call(TARGET, null);
      const reading = await call.read();
      call.abandon();
      return reading;
    },
    ofUnknownResource: () => upstream.call({ ...TARGET, resource: 'nope' }, null).rename('v2', () => true),
  };
}

describe('a rename sent upstream', () => {
  it('is one PATCH of the name, with the key', async () => {
    const world = createWorld({ answers: [answered(200, iteration, { 'apim-request-id': 'request-1' })] });
    expect(await world.rename()).toEqual({
      kind: 'renamed',
      status: 200,
      appliedName: 'v2',
      iteration,
      attempts: 1,
      requestId: 'request-1',
    });
    const [{ method, url, headers, body } = { method: 'GET', url: new URL('a:'), headers: {}, body: null }] =
      world.sent;
    expect({ method, href: url.href, headers, body }).toEqual({
      method: 'PATCH',
      href: `https://japaneast.api.cognitive.microsoft.com/customvision/v3.2/training/projects/${TARGET.projectId}/iterations/${TARGET.iterationId}`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'training-key': OLD,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
      body: '{"name":"v2"}',
    });
  });

  it('has succeeded whatever form of the name a 200 shows', async () => {
    const world = createWorld({ answers: [answered(200, { ...iteration, name: 'V2' })] });
    expect(await world.rename()).toMatchObject({ kind: 'renamed', appliedName: 'V2' });
  });

  it.each([
    {
      case: 'no key can be had',
      options: { answers: [], hasKey: false },
      reason: 'training_key_unavailable',
    },
    { case: 'the upstream cannot be reached', options: { answers: [notSent] }, reason: 'unreachable' },
  ])('is not sent where $case', async ({ options, reason }) => {
    expect(await createWorld(options).rename()).toEqual({
      kind: 'not_sent',
      reason,
      attempts: 0,
      requestId: null,
    });
  });

  it('is not sent where it is too late or the resource is unknown', async () => {
    const world = createWorld({ answers: [] });
    expect(await world.rename(() => false)).toMatchObject({ kind: 'not_sent', reason: 'too_late' });
    expect(await world.ofUnknownResource()).toMatchObject({ kind: 'not_sent' });
    expect(world.sent).toEqual([]);
  });

  it.each([
    { case: 'a redirect', answer: answered(307, ''), fault: 'redirect' },
    { case: 'a 304', answer: answered(304, ''), fault: 'redirect' },
    { case: 'a 500', answer: answered(500, ''), fault: 'server_error' },
    { case: 'a 101', answer: answered(101, ''), fault: 'server_error' },
    { case: 'a 200 of no Iteration', answer: answered(200, '[]'), fault: 'not_an_iteration' },
    { case: 'a 408', answer: answered(408, ''), fault: 'request_timeout' },
    { case: 'a 204', answer: answered(204, ''), fault: 'not_an_iteration' },
  ])('has an unknown outcome after $case', async ({ answer, fault }) => {
    expect(await createWorld({ answers: [answer] }).rename()).toMatchObject({
      kind: 'faulty',
      fault,
      attempts: 1,
    });
  });

  it('is done where the answer shows the name in another form', async () => {
    const answer = answered(200, { ...iteration, name: 'V 2' });
    expect(await createWorld({ answers: [answer] }).rename()).toMatchObject({
      kind: 'renamed',
      appliedName: 'V 2',
    });
  });

  it.each([
    { case: 'a 401', answer: answered(401, { code: 'Unauthorized', message: 'no' }) },
    { case: 'a 403', answer: answered(403, { code: 'ForbiddenX', message: 'no' }) },
    { case: "a gateway's 404", answer: answered(404, { error: { code: '404', message: 'no' } }) },
  ])('is refused access by $case', async ({ answer }) => {
    expect(await createWorld({ answers: [answer] }).rename()).toMatchObject({ kind: 'access_refused' });
  });

  it.each([
    { case: 'hours', header: '7200', retryAfterMs: 300_000 },
    { case: 'nothing', header: null, retryAfterMs: 1000 },
  ])('is throttled for a bounded time where the upstream says $case', async ({ header, retryAfterMs }) => {
    const answer = answered(429, {}, header === null ? {} : { 'retry-after': header });
    expect(await createWorld({ answers: [answer] }).rename()).toMatchObject({
      kind: 'throttled',
      retryAfterMs,
    });
  });

  it('ignores a malformed request id', async () => {
    const answer = answered(200, iteration, { 'apim-request-id': 'a b', 'x-ms-request-id': 'request-2' });
    expect(await createWorld({ answers: [answer] }).rename()).toMatchObject({ requestId: 'request-2' });
  });
});

describe('a refused key', () => {
  it('is replaced, and the PATCH retried once', async () => {
    const world = createWorld({ answers: [refused, answered(200, iteration)], replacement: NEW });
    expect(await world.rename()).toMatchObject({ kind: 'renamed', attempts: 2 });
    expect(world.keysSent()).toEqual([OLD, NEW]);
  });

  it('is replaced for a reading too', async () => {
    const world = createWorld({ answers: [refused, answered(200, iteration)], replacement: NEW });
    expect(await world.read()).toEqual({ kind: 'iteration', iteration, answeredAtMs: null });
  });

  it.each([
    { case: 'the vault has none newer', options: { answers: [refused], replacement: OLD }, attempts: 1 },
    { case: 'the vault is down', options: { answers: [refused] }, attempts: 1 },
    {
      case: 'the newer one is refused as well',
      options: { answers: [refused, refused], replacement: NEW },
      attempts: 2,
    },
    {
      case: 'the newer one cannot be sent',
      options: { answers: [refused, notSent], replacement: NEW },
      attempts: 1,
    },
  ])('ends the rename where $case, and is not shown', async ({ options, attempts }) => {
    const world = createWorld(options);
    const answer = await world.rename();
    expect(answer).toMatchObject({ kind: 'access_refused', attempts, refusal: { status: 401 } });
    expect(world.sent.length).toBeLessThanOrEqual(2);
    expect(JSON.stringify(answer)).not.toContain(OLD);
  });

  it('is not replaced where it is too late to retry', async () => {
    let asked = 0;
    const world = createWorld({ answers: [refused, answered(200, iteration)], replacement: NEW });
    expect(await world.rename(() => (asked += 1) === 1)).toMatchObject({
      kind: 'access_refused',
      attempts: 1,
    });
    expect(world.sent).toHaveLength(1);
  });

  it('leaves the outcome open where the second PATCH gets no answer', async () => {
    const world = createWorld({ answers: [refused, noAnswer], replacement: NEW });
    expect(await world.rename()).toMatchObject({ kind: 'no_answer', attempts: 2 });
  });
});

describe('an answer that shows the key', () => {
  it.each([
    {
      case: 'of the iteration',
      answer: answered(200, { ...iteration, more: OLD }),
      is: { kind: 'renamed', iteration: null },
    },
    {
      case: 'of a refusal',
      answer: answered(400, { code: 'X', message: OLD }),
      is: { kind: 'refusal_withheld', status: 400 },
    },
    {
      case: 'in a header that would be kept',
      answer: answered(400, { code: 'X', message: 'y' }, { 'x-ms-request-id': OLD }),
      is: { kind: 'refusal_withheld', requestId: null },
    },
    { case: 'that is throttled', answer: answered(429, { message: OLD }), is: { kind: 'throttled' } },
  ])('$case is withheld', async ({ answer, is }) => {
    const given = await createWorld({ answers: [answer] }).rename();
    expect(given).toMatchObject(is);
    expect(JSON.stringify(given)).not.toContain(OLD);
  });

  it('is withheld where it is the first of two keys', async () => {
    const second = answered(400, { code: 'X', message: OLD });
    const given = await createWorld({ answers: [refused, second], replacement: NEW }).rename();
    expect(given).toMatchObject({ kind: 'refusal_withheld', attempts: 2 });
  });

  it('gives no name', async () => {
    const answer = answered(200, { ...iteration, name: OLD });
    expect(await createWorld({ answers: [answer] }).read()).toEqual({ kind: 'unavailable' });
  });
});

describe('a reading', () => {
  it("tells the service's own time", async () => {
    const date = 'Thu, 01 Jan 2026 00:00:01 GMT';
    const world = createWorld({ answers: [answered(200, iteration, { date })] });
    expect(await world.read()).toMatchObject({ answeredAtMs: Date.UTC(2026, 0, 1, 0, 0, 1) });
  });

  it.each([
    { case: 'an iteration', answer: answered(200, iteration), kind: 'iteration' },
    { case: 'that there is none', answer: answered(404, {}), kind: 'absent' },
    {
      case: 'nothing, of another iteration',
      answer: answered(200, { ...iteration, id: TARGET.projectId }),
      kind: 'unavailable',
    },
    { case: 'nothing, of a redirect', answer: answered(302, iteration), kind: 'unavailable' },
    { case: 'nothing, of a 500', answer: answered(500, iteration), kind: 'unavailable' },
    { case: 'nothing, where there is no answer', answer: noAnswer, kind: 'unavailable' },
  ])('gives $case', async ({ answer, kind }) => {
    expect((await createWorld({ answers: [answer] }).read()).kind).toBe(kind);
  });
});
