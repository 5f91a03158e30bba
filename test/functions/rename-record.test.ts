import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;

beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

describe('the audit record', () => {
  it('has every column, is the same in its copy, and leaves no lock', async () => {
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
    const { copiedStatus, ...copied } = copy ?? {};
    expect({ ...copied, status: copiedStatus }).toEqual(record);
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
      requestedAt: expect.any(Date),
      completedAt: expect.any(Date),
      durationMs: expect.any(BigInt),
      attempts: 1,
      upstreamStatus: 200,
      upstreamRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      evidence: 'response',
      claimRowKey: expect.stringMatching(/^idempotency\|[\w-]{43}$/),
      claimIsImplied: true,
      iterationModified: proxy.stack.customVision.iteration(projectId, iterationId)?.lastModified,
    });
    const requestedAtMs = Number(record?.['requestedAt']);
    expect(requestedAtMs).toBeGreaterThanOrEqual(before);
    expect(9_999_999_999_999 - Number(renameId?.split('-')[0])).toBe(requestedAtMs);
    expect((await proxy.rows('projects')).map(({ rowKey }) => rowKey)).toContain(projectId);
  });

  it('of an iteration renamed again comes newest first, with the previous name', async () => {
    const iteration = proxy.seed('first');
    for (const name of ['second', 'third', 'third']) await proxy.rename(iteration, { name });
    const records = await proxy.records(iteration.projectId);
    expect(records.map(({ requestedName, previousName }) => [requestedName, previousName])).toEqual([
      ['third', 'third'],
      ['third', 'second'],
      ['second', 'first'],
    ]);
  });

  it('of a refusal keeps the status, code and message of the upstream', async () => {
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

  it('creates a missing table', async () => {
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

  it('makes no PATCH when it cannot be begun', async () => {
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

  it('that cannot be completed still answers 200, and stays pending with its lock', async () => {
    const iteration = proxy.seed();
    const { tables } = proxy.stack;
    let batches = 0;
    tables.faults.inject({
      kind: 'status',
      status: 503,
      when: ({ path }) => path.endsWith('$batch') && (batches += 1) > 1,
    });
    const { status, headers, json } = await proxy.rename(iteration, { name: 'renamed, not recorded' });
    expect({ status, name: json['name'] }).toEqual({ status: 200, name: 'renamed, not recorded' });
    const rows = await proxy.rows(iteration.projectId);
    expect(rows.map(({ rowKey }) => rowKey)).toContain(`lock|${iteration.iterationId}`);
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ renameId: headers.get('rename-id'), status: 'pending' });
    expect(proxy.app.output()).toContain('"event":"completion_failed"');
  });
});
