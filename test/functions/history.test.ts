import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionApp } from '../stack/function-app.ts';
import { startStack, type Stack } from '../stack/stack.ts';

const OPEN = randomUUID();
const CSV = randomUUID();
const CLOSED = randomUUID();
const PARTLY = randomUUID();
const [A, B] = [randomUUID(), randomUUID()];

let stack: Stack;
let app: FunctionApp;
let records: TableClient;

beforeAll(async () => {
  stack = await startStack({
    settings: {
      'AzureWebJobs.sweep-renames.Disabled': 'true', // its queries would be counted, too
      ACCESS_POLICY: JSON.stringify([
        { caller: 'function-key', projects: [OPEN, CSV], resources: ['*'], may: ['read'] },
        { caller: 'function-key', projects: [PARTLY], resources: ['line-1'], may: ['read'] },
        { caller: '*', projects: ['*'], resources: ['*'], may: ['rename'] },
      ]),
    },
  });
  app = await stack.startApp();
  records = TableClient.fromConnectionString(stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
});
afterAll(() => stack.stop());

type Answer = { status: number; headers: Headers; text: string };

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${app.url}${path}`, {
    headers: { 'x-functions-key': app.functionKey, ...headers },
  });
  return { status: response.status, headers: response.headers, text: await textOf(response) };
}

/** As it was sent, with a byte order mark. */
async function textOf(response: Response): Promise<string> {
  return Buffer.from(await response.arrayBuffer()).toString('utf8');
}

interface Listing {
  renames: { renameId: string; iterationId: string; requestedName: string; resource: string }[];
  continuation: string | null;
}

async function list(path: string): Promise<Listing> {
  const { status, text } = await get(path);
  expect(status).toBe(200);
  const body: Listing = JSON.parse(text);
  return body;
}

/** Writes records as the app does, oldest first. */
async function seed(
  projectId: string,
  rows: readonly {
    iterationId: string;
    requestedName: string;
    resource?: string;
    [extra: string]: unknown;
  }[],
): Promise<string[]> {
  await records.createTable();
  const ids: string[] = [];
  for (const [index, { iterationId, requestedName, resource = 'default', ...extra }] of rows.entries()) {
    const at = 1_700_000_000_000 + index;
    const renameId = `${9_999_999_999_999 - at}-abcdefghij`;
    const record = {
      renameId,
      resource,
      endpointHost: '127.0.0.1',
      apiVersion: 'v3.2',
      projectId,
      iterationId,
      requestedName,
      callerKind: 'function-key',
      callerId: 'function-key',
      trigger: 'http',
      requestedAt: new Date(at).toISOString(),
      status: 'succeeded',
      completedAt: new Date(at + 20).toISOString(),
      durationMs: 20,
      attempts: 1,
      upstreamStatus: 200,
      evidence: 'response',
      ...extra,
    };
    await records.submitTransaction([
      ['create', { partitionKey: projectId, rowKey: `rename|${renameId}`, ...record }],
      ['create', { partitionKey: projectId, rowKey: `iteration|${iterationId}|${renameId}`, ...record }],
    ]);
    ids.unshift(renameId);
  }
  return ids;
}

describe('a project without a record', () => {
  it('has an empty history, also before the table exists', async () => {
    expect(await list(`/projects/${OPEN}/renames`)).toEqual({ renames: [], continuation: null });
  });
});

describe('the history of a project', () => {
  let ids: string[];
  beforeAll(async () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({
      iterationId: index % 5 === 0 ? B : A,
      requestedName: `v${index}`,
    }));
    ids = await seed(OPEN, rows);
  });

  it('comes page by page, newest first, each record once', async () => {
    const seen: string[] = [];
    let path = `/projects/${OPEN}/renames?limit=10`;
    for (const size of [10, 10, 5]) {
      const { renames, continuation } = await list(path);
      expect(renames).toHaveLength(size);
      seen.push(...renames.map(({ renameId }) => renameId));
      expect(continuation === null).toBe(size === 5);
      path = `/projects/${OPEN}/renames?limit=10&continuation=${continuation}`;
    }
    expect(seen).toEqual(ids);
  });

  it('links to the next page in its Link header', async () => {
    const { headers } = await get(`/projects/${OPEN}/renames?limit=20&iterationId=${A.toUpperCase()}`);
    expect(headers.get('link')).toBeNull();
    const first = await get(`/projects/${OPEN}/renames?limit=15&iterationId=${A}`);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const { renames, continuation } = await list(`/projects/${OPEN}/renames${next}`);
    expect(renames).toHaveLength(5);
    expect(continuation).toBeNull();
  });

  it('can be filtered by iteration', async () => {
    const { renames } = await list(`/projects/${OPEN}/renames?iterationId=${B}`);
    expect(renames.map(({ requestedName }) => requestedName)).toEqual(['v20', 'v15', 'v10', 'v5', 'v0']);
  });

  it.each(['', `&iterationId=${A}`])('costs one storage request per page%s', async (more) => {
    const before = stack.tables.operations().length;
    await list(`/projects/${OPEN}/renames?limit=7${more}`);
    expect(stack.tables.operations().length - before).toBe(1);
  });

  it('shows one record at its own address', async () => {
    const { status, text } = await get(`/projects/${OPEN}/renames/${ids[0]}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      renameId: ids[0],
      status: 'succeeded',
      projectId: OPEN,
      requestedName: 'v24',
      caller: { kind: 'function-key', id: 'function-key', name: null },
      previousName: null,
      replaces: null,
      undoes: null,
    });
  });

  it.each([
    { case: 'a malformed id', id: 'x' },
    { case: 'an id without a record', id: `${'1'.repeat(13)}-aaaaaaaaaa` },
    { case: 'an id that points to another row', id: encodeURIComponent(`|lock|${A}`) },
  ])('answers 404 to $case', async ({ id }) => {
    const { status, text } = await get(`/projects/${OPEN}/renames/${id}`);
    expect(status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ code: 'NotFound' });
  });

  it.each([
    { case: 'a limit of 0', query: 'limit=0', path: 'limit' },
    { case: 'a limit over the maximum', query: 'limit=1001', path: 'limit' },
    { case: 'a limit that is not a number', query: 'limit=ten', path: 'limit' },
    { case: 'a fractional limit', query: 'limit=1.5', path: 'limit' },
    { case: 'an iteration that is not a UUID', query: "iterationId=' or true", path: 'iterationId' },
    { case: 'a misspelt filter', query: `iterationid=${B}`, path: 'iterationid' },
    { case: 'a forged continuation', query: 'continuation=bm90IG91cnM', path: 'continuation' },
    { case: 'an empty continuation', query: 'continuation=', path: 'continuation' },
  ])('refuses $case', async ({ query, path }) => {
    const { status, text } = await get(`/projects/${OPEN}/renames?${query}`);
    expect(status).toBe(400);
    expect(JSON.parse(text).details).toEqual([{ path, message: expect.any(String) }]);
  });

  it('refuses a continuation of another listing, and one with any character changed', async () => {
    const { continuation } = await list(`/projects/${OPEN}/renames?limit=3`);
    const token = continuation ?? '';
    const borrowed = await get(`/projects/${OPEN}/renames?iterationId=${A}&continuation=${token}`);
    expect(borrowed.status).toBe(400);
    const statuses = new Set<number>();
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const forged = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      statuses.add((await get(`/projects/${OPEN}/renames?continuation=${forged}`)).status);
    }
    expect([...statuses]).toEqual([400]);
  });
});

describe('as CSV', () => {
  it('is RFC 4180 with a header row, and links to the next page', async () => {
    const { status, headers, text } = await get(`/projects/${OPEN}/renames?limit=2`, { accept: 'text/csv' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(text.codePointAt(0)).toBe(0xfeff); // without it, Excel garbles names beyond Latin letters
    expect(headers.get('link')).toContain('rel="next"');
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^\uFEFFrenameId,status,requestedAt,/);
    expect(lines[0]?.split(',')).toHaveLength(26);
    expect(lines[0]).toMatch(/,appliedName,undoes$/);
  });

  it('neutralises formulas, and keeps quotes and line feeds inside their cell', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', 'say "hi", twice'];
    const rows = names.map((requestedName) => ({
      iterationId: A,
      requestedName,
      upstreamMessage: 'a\r\nb',
    }));
    await seed(CSV, rows);
    const { text } = await get(`/projects/${CSV}/renames`, { accept: 'text/csv' });
    for (const name of names.slice(0, 4)) expect(text).toContain(`,'${name},`);
    expect(text).toContain(',"say ""hi"", twice",');
    expect(text).toContain(',"a\r\nb",');
  });

  it('is sent only when Accept prefers it', async () => {
    const { headers } = await get(`/projects/${OPEN}/renames?limit=1`, {
      accept: 'application/json, text/csv;q=0.5',
    });
    expect(headers.get('content-type')).toContain('application/json');
  });
});

describe('who may read', () => {
  it('answers 403 without a grant, whether or not the project exists, and touches no storage', async () => {
    await seed(CLOSED, [{ iterationId: A, requestedName: 'secret' }]);
    const before = stack.tables.operations().length;
    const answers = await Promise.all(
      [CLOSED, randomUUID()].flatMap((project) => [
        get(`/projects/${project}/renames`),
        get(`/projects/${project}/renames/8300000000000-aaaaaaaaaa`),
      ]),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(403);
    expect(stack.tables.operations().length).toBe(before);
    expect(app.output()).toContain('"event":"caller_denied"');
  });

  it('answers 401 without a key', async () => {
    expect((await fetch(`${app.url}/projects/${OPEN}/renames`)).status).toBe(401);
  });

  it('shows only the records of the resources that a grant names', async () => {
    const [second, first] = await seed(PARTLY, [
      { iterationId: A, requestedName: 'a', resource: 'line-1' },
      { iterationId: A, requestedName: 'b', resource: 'line-2' },
    ]);
    const { renames } = await list(`/projects/${PARTLY}/renames`);
    expect(renames.map(({ resource }) => resource)).toEqual(['line-1']);
    expect((await get(`/projects/${PARTLY}/renames/${first}`)).status).toBe(200);
    expect((await get(`/projects/${PARTLY}/renames/${second}`)).status).toBe(404);
  });
});

it('answers 503 while the table cannot be read', async () => {
  const fault = stack.tables.faults.inject({ kind: 'status', status: 503 });
  const [listing, record] = await Promise.all([
    get(`/projects/${OPEN}/renames`),
    get(`/projects/${OPEN}/renames/8300000000000-aaaaaaaaaa`),
  ]);
  fault.clear();
  for (const { status, headers } of [listing, record]) {
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
  }
});
