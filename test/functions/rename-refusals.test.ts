import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../stack/azurite.ts';
import { iterationPath, type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let azurite: Azurite;
let proxy: RenameProxy;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startRenameProxy({ azurite });
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  await proxy.stop();
  await azurite.stop();
});

describe('a request that asks for something else', () => {
  const ids = { projectId: randomUUID(), iterationId: randomUUID() };
  const cases: {
    case: string;
    body?: string | Uint8Array;
    path?: string;
    headers?: Record<string, string>;
    status: number;
    code: string;
    details?: string[];
  }[] = [
    { case: 'broken JSON', body: '{"name":', status: 400, code: 'BadRequest' },
    { case: 'an empty body', body: '', status: 400, code: 'BadRequest' },
    { case: 'a list', body: '[]', status: 400, code: 'BadRequest', details: [''] },
    {
      case: 'unknown properties, all of them',
      body: JSON.stringify({ name: 'a', colour: 1, size: 2 }),
      status: 400,
      code: 'BadRequest',
      details: ['/colour', '/size'],
    },
    {
      case: 'a wrong shape and a bad name at once',
      body: JSON.stringify({ name: ' a\n', colour: 1 }),
      status: 400,
      code: 'BadRequest',
      details: ['/colour', '/name', '/name'],
    },
    {
      case: 'a property twice',
      body: '{"name":"a","name":"b"}',
      status: 400,
      code: 'BadRequest',
      details: ['/name'],
    },
    {
      case: 'broken XML',
      body: '<Iteration>',
      headers: { 'content-type': 'application/xml' },
      status: 400,
      code: 'BadRequest',
    },
    {
      case: 'a form with a name twice',
      body: 'name=a&name=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 400,
      code: 'BadRequest',
      details: ['/name'],
    },
    { case: 'text that is no UTF-8', body: Uint8Array.of(0xff), status: 400, code: 'BadRequest' },
    {
      case: 'no name',
      body: '{}',
      status: 400,
      code: 'BadRequestRequiredParamIsNull',
      details: ['/name'],
    },
    {
      case: 'a null name',
      body: JSON.stringify({ name: null }),
      status: 400,
      code: 'BadRequestRequiredParamIsNull',
      details: ['/name'],
    },
    {
      case: 'a number for a name',
      body: JSON.stringify({ name: 1 }),
      status: 400,
      code: 'BadRequestIterationName',
      details: ['/name'],
    },
    {
      case: 'an empty name',
      body: JSON.stringify({ name: '' }),
      status: 400,
      code: 'BadRequestIterationName',
      details: ['/name'],
    },
    {
      case: 'a name with two faults',
      body: JSON.stringify({ name: ` ${'x'.repeat(256)}` }),
      status: 400,
      code: 'BadRequestIterationName',
      details: ['/name', '/name'],
    },
    {
      case: 'bad ids, both',
      path: iterationPath('1', '2'),
      status: 400,
      code: 'BadRequestInvalidIds',
      details: ['projectId', 'iterationId'],
    },
    {
      case: 'an unknown media type',
      headers: { 'content-type': 'text/plain' },
      status: 415,
      code: 'UnsupportedMediaType',
    },
    {
      case: 'another charset',
      headers: { 'content-type': 'application/json; charset=utf-16' },
      status: 415,
      code: 'UnsupportedMediaType',
    },
    {
      case: 'a packed body',
      headers: { 'content-encoding': 'gzip' },
      status: 415,
      code: 'UnsupportedMediaType',
    },
    { case: 'a body of 8 KiB and one byte', body: 'x'.repeat(8193), status: 413, code: 'BadRequest' },
    {
      case: 'an API version that there is not',
      path: iterationPath(ids.projectId, ids.iterationId, 'v4.0'),
      status: 404,
      code: 'NotFound',
    },
    {
      case: 'an Idempotency-Key that is too long',
      headers: { 'idempotency-key': 'k'.repeat(256) },
      status: 400,
      code: 'BadRequest',
      details: ['Idempotency-Key'],
    },
  ];

  it.each(cases)('gets $status $code for $case, in JSON and in XML', async (row) => {
    const { status, code, details, body = JSON.stringify({ name: 'a' }), path, headers } = row;
    const iteration = { ...ids, path: path ?? iterationPath(ids.projectId, ids.iterationId) };
    const inJson = await proxy.rename(iteration, { body, ...(headers === undefined ? {} : { headers }) });
    expect(inJson).toMatchObject({ status, json: { code } });
    expect(inJson.json['message']).toMatch(/\S/);
    const faults = inJson.json['details'];
    const paths = Array.isArray(faults) ? faults.map((fault: { path?: unknown }) => fault.path) : undefined;
    expect(paths).toEqual(details);
    expect(inJson.headers.has('rename-id')).toBe(false);

    const inXml = await proxy.rename(iteration, { body, headers: { ...headers, accept: 'text/xml' } });
    expect(inXml.status).toBe(status);
    expect(inXml.text).toContain(`<CustomVisionError><code>${code}</code><message>`);
    expect(inXml.text.match(/<details>/g)?.length).toBe(details?.length);
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
    expect(await proxy.rows(ids.projectId)).toEqual([]);
  });

  it('is told to send a length where its body was chunked, which the platform does not pass on', async () => {
    const { path } = proxy.seed();
    const response = await fetch(`${proxy.app.url}${path}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-functions-key': proxy.app.functionKey },
      body: new Blob(['{"name":"a"}']).stream(),
      duplex: 'half',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/Content-Length/);
  });

  it('may be exactly 8 KiB', async () => {
    const body = JSON.stringify({
      name: 'a',
      status: 'x'.repeat(8192 - JSON.stringify({ name: 'a', status: '' }).length),
    });
    expect(body).toHaveLength(8192);
    expect((await proxy.rename(proxy.seed(), { body })).status).toBe(200);
  });
});

describe('an upstream refusal', () => {
  it.each([
    { case: 'a name that is taken', status: 400, code: 'BadRequestIterationNameNotUnique' },
    { case: 'an iteration that is gone', status: 404, code: 'NotFoundIteration' },
    { case: 'a conflict', status: 409, code: 'Conflict' },
    { case: 'a forbidden resource', status: 403, code: 'ForbiddenInvalidImage' },
  ])('is passed on for $case', async ({ status, code }) => {
    const iteration = proxy.seed();
    const message = `Why it is ${status}: <"reasons"> & more`;
    const refusal = { kind: 'status', status, body: JSON.stringify({ code, message }) } as const;
    proxy.stack.customVision.faults.inject({ ...refusal, when: 'PATCH' });
    const inJson = await proxy.rename(iteration, {});
    const renameId = inJson.headers.get('rename-id');
    expect(inJson.status).toBe(status);
    expect(inJson.json).toEqual({ code, message, renameId });
    expect(inJson.headers.get('location')).toBe(`/projects/${iteration.projectId}/renames/${renameId}`);
    const inXml = await proxy.rename(iteration, { headers: { accept: 'application/xml' } });
    expect(inXml.text).toBe(
      `<?xml version="1.0" encoding="utf-8"?><CustomVisionError><code>${code}</code><message>Why it is ${status}: ` +
        `&lt;"reasons"&gt; &amp; more</message><renameId>${inXml.headers.get('rename-id')}</renameId></CustomVisionError>`,
    );
    const records = await proxy.records(iteration.projectId);
    expect(records.map((record) => [record['status'], record['upstreamStatus']])).toEqual([
      ['rejected', status],
      ['rejected', status],
    ]);
  });

  it('by 401 that stays is ours: 502, after the key was fetched again', async () => {
    const iteration = proxy.seed();
    const { customVision, keyVault } = proxy.stack;
    await proxy.rename(iteration, { name: 'the key is cached' });
    const since = keyVault.journal.length;
    customVision.faults.inject({
      kind: 'status',
      status: 401,
      body: JSON.stringify({
        code: 'Unauthorized',
        message: 'Access denied due to invalid subscription key',
      }),
    });
    const { status, headers, json } = await proxy.rename(iteration, { name: 'refused' });
    expect({ status, code: json['code'] }).toEqual({ status: 502, code: 'ErrorUnknown' });
    expect(headers.has('www-authenticate')).toBe(false);
    expect(keyVault.journal.length).toBeGreaterThan(since);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
      status: 'rejected',
      upstreamStatus: 401,
      renameId: json['renameId'],
    });
  });

  it('by 429 is passed on with its pause, and keeps this instance quiet for it', async () => {
    const other = await startRenameProxy({ azurite });
    try {
      const iteration = other.seed();
      other.stack.customVision.faults.inject({
        kind: 'status',
        status: 429,
        when: 'PATCH',
        headers: { 'retry-after': '7' },
        body: JSON.stringify({ error: { code: '429', message: 'Try again in 7 seconds.' } }),
      });
      const { status, headers, json } = await other.rename(iteration, {});
      expect({ status, message: json['message'], retryAfter: headers.get('retry-after') }).toEqual({
        status: 429,
        message: 'Try again in 7 seconds.',
        retryAfter: '7',
      });
      expect((await other.records(iteration.projectId))[0]).toMatchObject({
        status: 'not_applied',
        upstreamStatus: 429,
      });
      const sent = other.upstreamRequests(iteration).length;
      const next = await other.rename(iteration, {});
      expect(next.status).toBe(429);
      expect(Number(next.headers.get('retry-after'))).toBeGreaterThanOrEqual(6);
      expect(next.json['renameId']).toBeUndefined();
      expect(other.upstreamRequests(iteration)).toHaveLength(sent);
    } finally {
      await other.stop();
    }
  });
});

describe('an upstream that gives no usable answer', () => {
  let elsewhere: Server;
  let elsewhereUrl: string;
  let strangers = 0;
  beforeAll(async () => {
    elsewhere = createServer((_request, response) => {
      strangers += 1;
      response.end('{}');
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const address = elsewhere.address();
    elsewhereUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => elsewhere.close());

  it.each([301, 302, 303, 307, 308])(
    'is a 502 for a %i, whose target never hears of it',
    async (redirectStatus) => {
      const iteration = proxy.seed();
      const location = `${elsewhereUrl}${iteration.path}`;
      proxy.stack.customVision.faults.inject({ kind: 'redirect', location, status: redirectStatus });
      const { status, raw } = await proxy.rename(iteration, {});
      expect(status).toBe(502);
      expect(raw).not.toContain(elsewhereUrl);
      expect(strangers).toBe(0);
    },
  );

  it.each([
    { case: 'a 500', fault: { kind: 'status', status: 500 } },
    { case: 'a 503', fault: { kind: 'status', status: 503, headers: { 'retry-after': '1' } } },
    { case: 'no JSON', fault: { kind: 'body', body: '<html>hello</html>' } },
    { case: 'a list', fault: { kind: 'body', body: '[]' } },
    { case: 'an Iteration without a name', fault: { kind: 'body', body: `{"id":"${randomUUID()}"}` } },
    { case: 'another iteration', fault: { kind: 'body', body: `{"id":"${randomUUID()}","name":"renamed"}` } },
    { case: 'an empty 200', fault: { kind: 'body', body: '' } },
    { case: 'a 204', fault: { kind: 'status', status: 204 } },
    { case: 'more than it may', fault: { kind: 'body', body: Buffer.alloc(40_000, ' ') } },
  ] as const)('is a 502 for $case, with the record to look at', async ({ fault }) => {
    const iteration = proxy.seed();
    proxy.stack.customVision.faults.inject({ ...fault, when: 'PATCH' });
    const { status, headers, json } = await proxy.rename(iteration, {});
    expect({ status, code: json['code'] }).toEqual({ status: 502, code: 'ErrorUnknown' });
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ status: 'pending', renameId: json['renameId'] });
    expect(headers.get('location')).toBe(
      `/projects/${iteration.projectId}/renames/${String(json['renameId'])}`,
    );
    expect(proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('is a 502 where the answer shows another name than was asked for', async () => {
    const iteration = proxy.seed();
    const body = JSON.stringify({ id: iteration.iterationId, name: 'something else' });
    proxy.stack.customVision.faults.inject({ kind: 'body', when: 'PATCH', body });
    expect((await proxy.rename(iteration, {})).status).toBe(502);
  });

  it('is a 502 that says that nothing was renamed where it cannot be reached', async () => {
    const iteration = proxy.seed();
    await proxy.stack.customVision.faults.refuse();
    const { status, json } = await proxy.rename(iteration, {});
    expect(status).toBe(502);
    expect(json['message']).toContain('Nothing was renamed');
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
      status: 'not_applied',
      attempts: 0,
    });
  });

  it.each(['reset', 'answer-lost'] as const)(
    'is a 504 with the record to look at where the connection breaks: %s',
    async (kind) => {
      const iteration = proxy.seed();
      proxy.stack.customVision.faults.inject({ kind, when: 'PATCH' });
      const { status, headers, json } = await proxy.rename(iteration, {});
      expect({ status, code: json['code'] }).toEqual({ status: 504, code: 'ErrorUnknown' });
      expect(headers.get('location')).toBe(
        `/projects/${iteration.projectId}/renames/${String(json['renameId'])}`,
      );
      expect(headers.get('retry-after')).toBe('30');
      expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ status: 'pending' });
      expect(proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH')).toHaveLength(1);
    },
  );
});

describe('more renames than one instance may make', () => {
  it('are a 429 with a pause, before anything is written or sent', async () => {
    const slow = await startRenameProxy({ azurite, settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '0.5' } });
    try {
      const [first, second] = [slow.seed(), slow.seed()];
      expect((await slow.rename(first, {})).status).toBe(200);
      const since = slow.stack.tables.journal.length;
      const { status, headers, json } = await slow.rename(second, {});
      expect({ status, code: json['code'], renameId: json['renameId'] }).toEqual({
        status: 429,
        code: 'ErrorUnknown',
        renameId: undefined,
      });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(slow.upstreamRequests(second)).toEqual([]);
      expect(slow.stack.tables.journal).toHaveLength(since);
    } finally {
      await slow.stop();
    }
  });
});

describe('a caller', () => {
  it("cannot bring a training key along: the caller's own is ignored and goes nowhere", async () => {
    const iteration = proxy.seed();
    const callersKey = 'a-training-key-of-the-callers-own';
    const { status } = await proxy.rename(iteration, { headers: { 'training-key': callersKey } });
    expect(status).toBe(200);
    for (const { headers } of proxy.upstreamRequests(iteration)) {
      expect(headers['training-key']).toBe(proxy.stack.trainingKey);
      expect(JSON.stringify(headers)).not.toContain(callersKey);
    }
    expect(JSON.stringify(await proxy.rows(iteration.projectId))).not.toContain(callersKey);
  });

  it('without a function key gets nowhere', async () => {
    const iteration = proxy.seed();
    const { status } = await proxy.rename(iteration, { headers: { 'x-functions-key': 'wrong' } });
    expect(status).toBe(401);
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
  });

  it('that no grant names gets a 403, and leaves no trace upstream', async () => {
    const strict = await startRenameProxy({
      azurite,
      settings: {
        ACCESS_POLICY: JSON.stringify([
          { caller: '*', projects: ['*'], resources: ['*'], names: 'v\\d+', may: ['rename'] },
        ]),
      },
    });
    try {
      const iteration = strict.seed();
      const { status, json } = await strict.rename(iteration, { name: 'v1 or so' });
      expect({ status, code: json['code'] }).toEqual({
        status: 403,
        code: 'ForbiddenUserInsufficientCapability',
      });
      expect(strict.upstreamRequests(iteration)).toEqual([]);
      expect(await strict.rows(iteration.projectId)).toEqual([]);
      expect((await strict.rename(iteration, { name: 'v1' })).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });
});
