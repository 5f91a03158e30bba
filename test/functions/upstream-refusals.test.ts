import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStorageAccount, type StorageAccount } from '../stack/storage-account.ts';
import { type OtherHost, startOtherHost } from './other-host.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let azurite: StorageAccount;
let proxy: RenameProxy;
let otherHost: OtherHost;

beforeAll(async () => {
  azurite = await openStorageAccount();
  proxy = await startRenameProxy({ azurite });
  otherHost = await startOtherHost();
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  await proxy.stop();
  await azurite.stop();
  otherHost.stop();
});

describe('an upstream refusal', () => {
  it.each([
    { case: 'a name that is taken', status: 400, code: 'BadRequestIterationNameNotUnique' },
    { case: 'an iteration that is gone', status: 404, code: 'NotFoundIteration' },
    { case: 'a conflict', status: 409, code: 'Conflict' },
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

  it("by 401 with a refetched key too is answered 502: the fault is ours, not the caller's", async () => {
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
      status: 'not_applied',
      upstreamStatus: 401,
      renameId: json['renameId'],
    });
  });

  it('by 429 is passed on with Retry-After, and pauses this instance for that time', async () => {
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

describe('an upstream without a usable answer', () => {
  it.each([301, 302, 303, 307, 308])(
    'is a 502 for a %i, whose target is never called',
    async (redirectStatus) => {
      const iteration = proxy.seed();
      const location = `${otherHost.url}${iteration.path}`;
      proxy.stack.customVision.faults.inject({ kind: 'redirect', location, status: redirectStatus });
      const { status, raw } = await proxy.rename(iteration, {});
      expect(status).toBe(502);
      expect(raw).not.toContain(otherHost.url);
      expect(otherHost.requests).toEqual([]);
    },
  );

  it.each([
    { case: 'a 500', fault: { kind: 'status', status: 500 } },
    { case: 'a 503', fault: { kind: 'status', status: 503, headers: { 'retry-after': '1' } } },
    { case: 'a body that is not JSON', fault: { kind: 'body', body: '<html>hello</html>' } },
    { case: 'a list', fault: { kind: 'body', body: '[]' } },
    { case: 'an Iteration without a name', fault: { kind: 'body', body: `{"id":"${randomUUID()}"}` } },
    { case: 'another iteration', fault: { kind: 'body', body: `{"id":"${randomUUID()}","name":"renamed"}` } },
    { case: 'an empty 200', fault: { kind: 'body', body: '' } },
    { case: 'a 204', fault: { kind: 'status', status: 204 } },
    { case: 'a body that is too large', fault: { kind: 'body', body: Buffer.alloc(40_000, ' ') } },
  ] as const)('is a 502 for $case, with the location of the record', async ({ fault }) => {
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

  it('is a 502 that says "Nothing was renamed" when it cannot be reached', async () => {
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

  it.each([
    { case: 'before it acts', fault: { kind: 'reset', when: 'PATCH' } },
    { case: 'after it has acted, and it cannot be read', fault: { kind: 'answer-lost' } },
  ] as const)(
    'is a 504 with the location of the record when the connection breaks $case',
    async ({ fault }) => {
      const iteration = proxy.seed();
      proxy.stack.customVision.faults.inject(fault);
      const { status, headers, json } = await proxy.rename(iteration, {});
      expect({ status, code: json['code'] }).toEqual({ status: 504, code: 'ErrorUnknown' });
      expect(headers.get('location')).toBe(
        `/projects/${iteration.projectId}/renames/${String(json['renameId'])}`,
      );
      // What is left of the lease of 30 s, and a second more, since others read its age to the second.
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(20);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(31);
      expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ status: 'pending' });
      expect(proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH')).toHaveLength(1);
    },
  );
});
