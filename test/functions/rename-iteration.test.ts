import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../stack/azurite.ts';
import manifest from '../../package.json' with { type: 'json' };
import { iterationPath, type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

const RENAME_ID = /^\d{13}-[a-z2-7]{10}$/;

let azurite: Azurite;
let proxy: RenameProxy;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startRenameProxy({ azurite, resources: ['default', 'line-2'] });
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  await proxy.stop();
  await azurite.stop();
});

const tableRequestsSince = (index: number) =>
  proxy.stack.tables.operations(index).map(({ operation, rowKeys }) => ({ operation, rowKeys }));

describe('a rename', () => {
  it('answers with the iteration, the id of its record and where to read it', async () => {
    const iteration = proxy.seed('Iteration 1');
    const { status, headers, text, json } = await proxy.rename(iteration, { name: 'line-3 v4.1 approved' });
    expect({ status, text }).toMatchObject({ status: 200 });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(json).toEqual(proxy.stack.customVision.iteration(iteration.projectId, iteration.iterationId));
    expect(json['name']).toBe('line-3 v4.1 approved');
    const renameId = headers.get('rename-id');
    expect(renameId).toMatch(RENAME_ID);
    expect(headers.get('location')).toBe(`/projects/${iteration.projectId}/renames/${renameId}`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('idempotency-replayed')).toBe(false);
  });

  it('sends exactly one GET, and exactly one PATCH that holds the name and nothing else', async () => {
    const iteration = proxy.seed();
    const body = { name: 'v2 "quoted" \\ 名', status: 'Completed', id: randomUUID() };
    await proxy.rename(iteration, { body: JSON.stringify(body) });
    const requests = proxy.upstreamRequests(iteration);
    expect(requests.map(({ method }) => method).toSorted()).toEqual(['GET', 'PATCH']);
    const patch = requests.find(({ method }) => method === 'PATCH');
    expect(patch?.body).toBe(JSON.stringify({ name: body.name }));
    expect(patch?.path).toBe(iteration.path);
    expect(patch?.headers['content-type']).toBe('application/json');
  });

  it.each([
    { with: 'without an Idempotency-Key', keyed: false },
    { with: 'with one', keyed: true },
  ])(
    'costs one PATCH and two storage requests, and one more for the first in a project, $with',
    async ({ keyed }) => {
      const { projectId, iterationId, path } = proxy.seed();
      const { tables, customVision } = proxy.stack;
      const second = customVision.addIteration(projectId, { name: 'Iteration 2' }).id;
      const headers = () => (keyed ? { 'idempotency-key': randomUUID() } : {});
      await proxy.rename(proxy.seed(), {}); // the table exists from here on
      const first = tables.journal.length;
      await proxy.rename({ projectId, iterationId, path }, { name: 'a', headers: headers() });
      expect(tableRequestsSince(first).map(({ operation }) => operation)).toEqual([
        'merge',
        'batch',
        'batch',
      ]);
      for (const [index, id] of [iterationId, second, iterationId].entries()) {
        const since = tables.journal.length;
        const sentBefore = customVision.journal.length;
        const other = { projectId, iterationId: id, path: iterationPath(projectId, id) };
        const answer = await proxy.rename(other, { name: `next ${index}`, headers: headers() });
        const renameId = answer.headers.get('rename-id');
        const claim: unknown = expect.stringMatching(/^idempotency\|/);
        const rowKeys = new Set([
          `rename|${renameId}`,
          `iteration|${id}|${renameId}`,
          `lock|${id}`,
          ...(keyed ? [claim] : []),
        ]);
        const transaction = { operation: 'batch', rowKeys };
        expect(
          tableRequestsSince(since).map((request) => ({ ...request, rowKeys: new Set(request.rowKeys) })),
        ).toEqual([transaction, transaction]);
        const sent = customVision.journal.slice(sentBefore).map(({ method }) => method);
        expect(sent.toSorted()).toEqual(['GET', 'PATCH']);
      }
    },
  );

  it('tells the upstream who asks and hands it the trace, but nothing else of the caller', async () => {
    const iteration = proxy.seed();
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await proxy.rename(iteration, {
      headers: {
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
        'user-agent': 'a-client/1.0',
        cookie: 'a=b',
        authorization: 'Bearer of-the-caller',
        'x-more': 'of the caller',
      },
    });
    for (const { headers } of proxy.upstreamRequests(iteration)) {
      expect(headers['user-agent']).toBe(`custom-vision-rename-proxy/${manifest.version}`);
      expect(headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
      const known = new Set([
        'accept',
        'connection',
        'content-length',
        'content-type',
        'host',
        'traceparent',
      ]);
      expect(
        Object.keys(headers)
          .filter((header) => !known.has(header))
          .toSorted(),
      ).toEqual(['training-key', 'user-agent']);
    }
    const [record] = await proxy.records(iteration.projectId);
    expect(record?.['traceId']).toBe(traceId);
  });

  it.each(['v3.0', 'v3.1', 'v3.2', 'v3.3', 'v3.4', 'v3.0-preview', 'v3.4-preview'])(
    'forwards the API version %s as given',
    async (apiVersion) => {
      const iteration = proxy.seed();
      const path = iterationPath(iteration.projectId, iteration.iterationId, apiVersion);
      expect((await proxy.rename(iteration, { path })).status).toBe(200);
      expect(proxy.upstreamRequests(iteration).map((request) => request.path)).toEqual([path, path]);
    },
  );

  it('takes ids in upper case, and means the same iteration', async () => {
    const iteration = proxy.seed();
    const path = iterationPath(iteration.projectId.toUpperCase(), iteration.iterationId.toUpperCase());
    const { status, headers } = await proxy.rename(iteration, { path });
    expect(status).toBe(200);
    expect(headers.get('location')).toContain(iteration.projectId);
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
  });
});

describe('the resource', () => {
  it.each([
    { case: 'the path', path: (p: string) => `/line-2${p}`, headers: {} },
    { case: 'the path in upper case', path: (p: string) => `/LINE-2${p}`, headers: {} },
    { case: 'the header', path: (p: string) => p, headers: { 'custom-vision-resource': 'line-2' } },
    {
      case: 'the path, whatever the header says',
      path: (p: string) => `/line-2${p}`,
      headers: { 'custom-vision-resource': 'default' },
    },
  ])('is named by $case, and gets its own key', async ({ path, headers }) => {
    const iteration = proxy.seed('Iteration 1', 'line-2');
    const answer = await proxy.rename(iteration, { path: path(iteration.path), headers });
    expect(answer).toMatchObject({ status: 200 });
    expect(proxy.upstreamRequests(iteration, 'default')).toEqual([]);
    const requests = proxy.upstreamRequests(iteration, 'line-2');
    expect(requests.map((request) => request.headers['training-key'])).toEqual([
      proxy.stack.trainingKeys['line-2'],
      proxy.stack.trainingKeys['line-2'],
    ]);
    expect(requests.map((request) => request.path)).toEqual([iteration.path, iteration.path]);
    const [record] = await proxy.records(iteration.projectId);
    expect(record?.['resource']).toBe('line-2');
  });

  it.each([
    { case: 'unknown', resource: 'line-9' },
    { case: 'a property of every object', resource: '__proto__' },
    { case: 'empty after decoding', resource: '%20' },
  ])('is a 404 that names none of the others where it is $case', async ({ resource }) => {
    const iteration = proxy.seed();
    const { status, json, text } = await proxy.rename(iteration, { path: `/${resource}${iteration.path}` });
    expect({ status, code: json['code'] }).toEqual({ status: 404, code: 'NotFound' });
    expect(text).not.toContain('line-2');
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
  });
});

const NAME = 'v2 <&> "名" é';

describe('the body', () => {
  it.each([
    { type: 'application/json', body: JSON.stringify({ name: NAME }) },
    { type: 'Application/JSON; charset=UTF-8', body: JSON.stringify({ name: NAME }) },
    {
      type: 'application/xml',
      body: `<?xml version="1.0" encoding="utf-8"?><Iteration><name>v2 &lt;&amp;&gt; "名" é</name></Iteration>`,
    },
    {
      type: 'text/xml; charset="utf-8"',
      body: `<Iteration><name><![CDATA[${NAME}]]></name><id>dropped</id></Iteration>`,
    },
    { type: 'application/x-www-form-urlencoded', body: new URLSearchParams({ name: NAME }).toString() },
  ])('may be $type', async ({ type, body }) => {
    const iteration = proxy.seed();
    const { status, text } = await proxy.rename(iteration, { body, headers: { 'content-type': type } });
    expect({ status, text }).toMatchObject({ status: 200 });
    const { customVision } = proxy.stack;
    expect(customVision.iteration(iteration.projectId, iteration.iterationId)?.name).toBe(NAME);
  });
});

const ORDER = [
  'id',
  'name',
  'status',
  'created',
  'lastModified',
  'trainedAt',
  'projectId',
  'exportable',
  'exportableTo',
  'domainId',
  'classificationType',
  'trainingType',
  'reservedBudgetInHours',
  'trainingTimeInMinutes',
  'publishName',
  'originalPublishResourceId',
];

/** Answers the next PATCH with properties in another order, and some that only later versions have. */
function answerAsLaterVersion(iteration: SeededIteration): void {
  const { customVision } = proxy.stack;
  const seeded = customVision.iteration(iteration.projectId, iteration.iterationId);
  const backwards = Object.entries({ ...seeded, name: 'renamed' }).toReversed();
  const body = JSON.stringify({
    newer: { of: ['a', 'later', 'version'] },
    ...Object.fromEntries(backwards),
    quality: 0.5,
  });
  customVision.faults.inject({ kind: 'body', when: 'PATCH', body, times: 1 });
}

describe('the answer', () => {
  it('has the order of the schema in JSON, and what newer versions add behind it', async () => {
    const iteration = proxy.seed();
    answerAsLaterVersion(iteration);
    const { json } = await proxy.rename(iteration, {});
    expect(Object.keys(json)).toEqual([...ORDER, 'newer', 'quality']);
    expect(json).toMatchObject({ newer: { of: ['a', 'later', 'version'] }, quality: 0.5, publishName: null });
  });

  it('has the same order in XML', async () => {
    const iteration = proxy.seed();
    answerAsLaterVersion(iteration);
    const { headers, text } = await proxy.rename(iteration, { headers: { accept: 'application/xml' } });
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(headers.get('rename-id')).toMatch(RENAME_ID);
    const names = [...text.matchAll(/<(\w+)>/g)].map(([, name]) => name);
    const present = ORDER.filter((name) => !['publishName', 'originalPublishResourceId'].includes(name));
    expect([...new Set(names)]).toEqual(['Iteration', ...present, 'newer', 'of', 'quality']);
    expect(text).toContain('<name>renamed</name>');
    expect(text.match(/<exportableTo>/g)).toHaveLength(5);
  });

  it.each([
    { accept: '*/*', type: 'application/json' },
    { accept: 'text/xml', type: 'text/xml' },
    { accept: 'application/xml;q=0.9, application/json;q=0.8', type: 'application/xml' },
    { accept: 'application/xml;q=0.8, application/json', type: 'application/json' },
    { accept: 'image/png', type: 'application/json' },
  ])('is $type for Accept: $accept', async ({ accept, type }) => {
    const { headers } = await proxy.rename(proxy.seed(), { headers: { accept } });
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(headers.get('vary')).toBe('accept');
  });
});

describe('the audit record', () => {
  it('holds every column, in both copies alike, and leaves no lock', async () => {
    const iteration = proxy.seed('Iteration 7');
    const before = Date.now();
    const { headers } = await proxy.rename(iteration, {
      name: 'v7',
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    });
    const { projectId, iterationId } = iteration;
    const renameId = headers.get('rename-id');
    const rows = await proxy.rows(projectId);
    expect(rows.map(({ rowKey }) => rowKey)).toEqual([
      `iteration|${iterationId}|${renameId}`,
      `rename|${renameId}`,
    ]);
    const [copy, record] = rows.map(({ rowKey: _key, etag: _etag, timestamp: _at, ...columns }) => columns);
    expect(copy).toEqual(record);
    expect(record).toEqual({
      partitionKey: projectId,
      renameId,
      status: 'succeeded',
      resource: 'default',
      endpointHost: new URL(proxy.stack.customVision.endpoint).host,
      apiVersion: 'v3.2',
      projectId,
      iterationId,
      requestedName: 'v7',
      previousName: 'Iteration 7',
      callerKind: 'function-key',
      callerId: 'function-key',
      trigger: 'http',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      requestedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      completedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      durationMs: expect.any(Number),
      attempts: 1,
      upstreamStatus: 200,
      upstreamRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      evidence: 'response',
    });
    const requestedAtMs = Date.parse(String(record?.['requestedAt']));
    expect(requestedAtMs).toBeGreaterThanOrEqual(before);
    expect(9_999_999_999_999 - Number(renameId?.split('-')[0])).toBe(requestedAtMs);
    expect((await proxy.rows('projects')).map(({ rowKey }) => rowKey)).toContain(projectId);
  });

  it('of an iteration renamed twice comes newest first, each with the name before it', async () => {
    const iteration = proxy.seed('first');
    for (const name of ['second', 'third', 'third']) await proxy.rename(iteration, { name });
    const records = await proxy.records(iteration.projectId);
    expect(records.map(({ requestedName, previousName }) => [requestedName, previousName])).toEqual([
      ['third', 'third'],
      ['third', 'second'],
      ['second', 'first'],
    ]);
  });

  it('of a refusal keeps what the upstream said', async () => {
    const iteration = proxy.seed('Iteration 1');
    const { customVision } = proxy.stack;
    customVision.addIteration(iteration.projectId, { name: 'taken' });
    await proxy.rename(iteration, { name: 'taken' });
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({
      status: 'rejected',
      previousName: 'Iteration 1',
      upstreamStatus: 400,
      upstreamCode: 'BadRequestIterationNameNotUnique',
      upstreamMessage: 'Iteration name is not unique within the project',
    });
  });

  it('makes the table where it is missing', async () => {
    const fresh = await startRenameProxy();
    try {
      const iteration = fresh.seed();
      expect((await fresh.rename(iteration, {})).status).toBe(200);
      expect(fresh.stack.tables.operations().map(({ operation }) => operation)).toContain('create-table');
      expect(await fresh.records(iteration.projectId)).toHaveLength(1);
    } finally {
      await fresh.stop();
    }
  });

  it('that cannot be begun leaves the upstream without a PATCH', async () => {
    const iteration = proxy.seed();
    proxy.stack.tables.faults.inject({
      kind: 'status',
      status: 503,
      when: ({ path }) => path.endsWith('$batch'),
    });
    const { status, headers, json } = await proxy.rename(iteration, {});
    expect({ status, code: json['code'], retryAfter: headers.get('retry-after') }).toEqual({
      status: 503,
      code: 'ErrorUnknown',
      retryAfter: '5',
    });
    expect(proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH')).toEqual([]);
    expect(await proxy.records(iteration.projectId)).toEqual([]);
  });

  it('that cannot be completed leaves the caller its 200, and stays pending under its lock', async () => {
    const iteration = proxy.seed();
    const { tables } = proxy.stack;
    let batches = 0;
    tables.faults.inject({
      kind: 'status',
      status: 503,
      when: ({ path }) => path.endsWith('$batch') && (batches += 1) > 1,
    });
    const { status, headers, json } = await proxy.rename(iteration, { name: 'taken all the same' });
    expect({ status, name: json['name'] }).toEqual({ status: 200, name: 'taken all the same' });
    const rows = await proxy.rows(iteration.projectId);
    expect(rows.map(({ rowKey }) => rowKey)).toContain(`lock|${iteration.iterationId}`);
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ renameId: headers.get('rename-id'), status: 'pending' });
    expect(proxy.app.output()).toContain('"event":"completion_failed"');
  });
});

describe('an iteration that is being renamed', () => {
  it('is a 409 with a pause for everybody else, who send nothing', async () => {
    const iteration = proxy.seed();
    const { customVision } = proxy.stack;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    customVision.hooks.onReceived = async ({ method }) => {
      if (method !== 'PATCH') return;
      reach();
      await released;
    };
    const first = proxy.rename(iteration, { name: 'the first' });
    await reached;
    const second = await proxy.rename(iteration, { name: 'the second' });
    expect({ status: second.status, code: second.json['code'] }).toEqual({ status: 409, code: 'Conflict' });
    expect(second.headers.get('retry-after')).toBe('1');
    release();
    delete customVision.hooks.onReceived;
    expect((await first).status).toBe(200);
    expect(customVision.iteration(iteration.projectId, iteration.iterationId)?.name).toBe('the first');
    expect((await proxy.rename(iteration, { name: 'the second' })).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  it.each([{ first: '"key-1"', again: 'key-1' }])(
    'gives the first answer again, and renames nothing again',
    async ({ first, again }) => {
      const iteration = proxy.seed();
      const headers = { 'idempotency-key': first };
      const done = await proxy.rename(iteration, { name: 'once', headers });
      const { customVision } = proxy.stack;
      customVision.setName(iteration.projectId, iteration.iterationId, 'changed since');
      const replayed = await proxy.rename(iteration, { name: 'once', headers: { 'idempotency-key': again } });
      expect(replayed.status).toBe(200);
      expect(replayed.text).toBe(done.text);
      expect(replayed.headers.get('idempotency-replayed')).toBe('true');
      expect(replayed.headers.get('rename-id')).toBe(done.headers.get('rename-id'));
      expect(customVision.iteration(iteration.projectId, iteration.iterationId)?.name).toBe('changed since');
      expect(await proxy.records(iteration.projectId)).toHaveLength(1);
    },
  );

  it('gives a refusal again too', async () => {
    const iteration = proxy.seed();
    const { customVision } = proxy.stack;
    customVision.addIteration(iteration.projectId, { name: 'taken' });
    const request = { name: 'taken', headers: { 'idempotency-key': 'refused-1' } };
    const done = await proxy.rename(iteration, request);
    const replayed = await proxy.rename(iteration, request);
    expect([done.status, replayed.status]).toEqual([400, 400]);
    expect(replayed.text).toBe(done.text);
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    expect(customVision.effects().filter(({ to }) => to === 'taken')).toEqual([]);
  });

  it('is a 422 for another rename', async () => {
    const iteration = proxy.seed();
    const headers = { 'idempotency-key': 'reused-1' };
    await proxy.rename(iteration, { name: 'one', headers });
    const { status, json } = await proxy.rename(iteration, { name: 'two', headers });
    expect({ status, code: json['code'] }).toEqual({ status: 422, code: 'Conflict' });
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
  });

  it('is a 409 with a pause while the first request is under way', async () => {
    const iteration = proxy.seed();
    proxy.stack.customVision.faults.inject({ kind: 'delay', when: 'PATCH', delayMs: 300 });
    const request = { name: 'slow', headers: { 'idempotency-key': 'in-flight-1' } };
    const first = proxy.rename(iteration, request);
    await expect.poll(() => proxy.upstreamRequests(iteration).length).toBe(2);
    const second = await proxy.rename(iteration, request);
    expect({ status: second.status, retryAfter: second.headers.get('retry-after') }).toEqual({
      status: 409,
      retryAfter: '1',
    });
    expect((await first).status).toBe(200);
  });
});
