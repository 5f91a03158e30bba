import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { iterationPath, type RenameProxy, startRenameProxy } from './rename-proxy.ts';

const RENAME_ID = /^\d{13}-[a-z2-7]{10}$/;

let proxy: RenameProxy;

beforeAll(async () => {
  proxy = await startRenameProxy({ resources: ['default', 'line-2'] });
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

const tableRequestsSince = (index: number) =>
  proxy.stack.tables.operations(index).map(({ operation, rowKeys }) => ({ operation, rowKeys }));

describe('a rename', () => {
  it('answers with the iteration, the id of its record and the location of the record', async () => {
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

  it('sends exactly one GET, and exactly one PATCH with the name only', async () => {
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
    { with: 'with an Idempotency-Key', keyed: true },
  ])(
    'costs one PATCH and two storage requests, three for the first of a project, $with',
    async ({ keyed }) => {
      const { projectId, iterationId, path } = proxy.seed();
      const { tables, customVision } = proxy.stack;
      const second = customVision.addIteration(projectId, { name: 'Iteration 2' }).id;
      const headers = () => (keyed ? { 'idempotency-key': randomUUID() } : {});
      await proxy.rename(proxy.seed(), {}); // creates the table
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
        const rowKeys = new Set([`rename|${renameId}`, `iteration|${id}|${renameId}`, `lock|${id}`, claim]);
        const transaction = { operation: 'batch', rowKeys };
        expect(
          tableRequestsSince(since).map((request) => ({ ...request, rowKeys: new Set(request.rowKeys) })),
        ).toEqual([transaction, transaction]);
        const sent = customVision.journal.slice(sentBefore).map(({ method }) => method);
        expect(sent.toSorted()).toEqual(['GET', 'PATCH']);
      }
    },
  );

  it('forwards the trace upstream, and no other header of the caller', async () => {
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

  it('accepts ids in upper case for the same iteration', async () => {
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
      case: 'the path, which wins over the header',
      path: (p: string) => `/line-2${p}`,
      headers: { 'custom-vision-resource': 'default' },
    },
  ])('is named by $case, and is sent its own key', async ({ path, headers }) => {
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
  ])('answers 404 and names no other resource when it is $case', async ({ resource }) => {
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
