import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../stack/azurite.ts';
import { iterationPath, type RenameProxy, startRenameProxy, textOfRows } from './rename-proxy.ts';

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

describe('a malformed request', () => {
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
    { case: 'text that is not UTF-8', body: Uint8Array.of(0xff), status: 400, code: 'BadRequest' },
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
      case: 'a compressed body',
      headers: { 'content-encoding': 'gzip' },
      status: 415,
      code: 'UnsupportedMediaType',
    },
    { case: 'a body of 8 KiB and one byte', body: 'x'.repeat(8193), status: 413, code: 'BadRequest' },
    {
      case: 'an unknown API version',
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

  it('is told to send Content-Length when its body is chunked, since the platform drops such a body', async () => {
    const { path } = proxy.seed();
    const response = await fetch(`${proxy.app.url}${path}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-functions-key': proxy.app.functionKey },
      body: new Blob(['{"name":"a"}']).stream(),
      duplex: 'half',
    });
    expect(response.status).toBe(411);
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

describe('renames over the rate limit of one instance', () => {
  it('are answered 429 with Retry-After before anything is written or sent', async () => {
    const slow = await startRenameProxy({ azurite, settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: '0.1' } });
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
  it('cannot use a training key of its own: the header is ignored and not forwarded', async () => {
    const iteration = proxy.seed();
    const callersKey = 'a-training-key-of-the-callers-own';
    const { status } = await proxy.rename(iteration, { headers: { 'training-key': callersKey } });
    expect(status).toBe(200);
    for (const { headers } of proxy.upstreamRequests(iteration)) {
      expect(headers['training-key']).toBe(proxy.stack.trainingKey);
      expect(JSON.stringify(headers)).not.toContain(callersKey);
    }
    expect(textOfRows(await proxy.rows(iteration.projectId))).not.toContain(callersKey);
  });

  it('without a valid function key is refused', async () => {
    const iteration = proxy.seed();
    const { status } = await proxy.rename(iteration, { headers: { 'x-functions-key': 'wrong' } });
    expect(status).toBe(401);
    expect(proxy.upstreamRequests(iteration)).toEqual([]);
  });

  it('without a grant is answered 403, and nothing is sent or written', async () => {
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
