import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findCanary } from '../stack/canary.ts';
import type { FaultKind } from '../stack/faults.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
let key: string;
/** What reached a host that is none of ours. */
const strangers: string[] = [];
let stranger: Server;
let strangerUrl: string;

beforeAll(async () => {
  stranger = createServer((request, response) => {
    strangers.push(JSON.stringify([request.url, request.rawHeaders]));
    response.end('{}');
  });
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = stranger.address();
  strangerUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  // With all that the SDKs can log: somebody will turn it on to look for a fault.
  proxy = await startRenameProxy({
    settings: { UPSTREAM_TIMEOUT_SECONDS: '1', AZURE_LOG_LEVEL: 'verbose', DEBUG: '*' },
  });
  key = proxy.stack.trainingKey;
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  await proxy.stop();
  stranger.close();
});

/** Renames with each kind of answer, twice with the same idempotency key, then looks for the key in all that came of it. */
async function renameAndLook(iteration: SeededIteration, app: FunctionApp = proxy.app) {
  const { tables, queues, identity, keyVault } = proxy.stack;
  const neighbours = [tables, queues, identity, keyVault];
  const since = neighbours.map(({ journal }) => journal.length);
  const outputSince = app.output().length;
  const strangersSince = strangers.length;

  const idempotencyKey = { 'idempotency-key': iteration.iterationId };
  const first = await proxy.rename(iteration, { headers: idempotencyKey, app });
  const others = await Promise.all(
    [{ ...idempotencyKey, accept: 'text/xml' }, { accept: 'text/xml' }].map((headers) =>
      proxy.rename(iteration, { headers, app }),
    ),
  );
  const places = {
    answers: [first, ...others].map(({ raw }) => raw).join('\n'),
    output: app.output().slice(outputSince),
    rows: JSON.stringify(await proxy.rows(iteration.projectId)),
    'requests to storage, vault and identity': neighbours
      .map(({ journal }, index) => JSON.stringify(journal.slice(since[index])))
      .join('\n'),
    'requests to other hosts': strangers.slice(strangersSince).join('\n'),
  };
  const sightings = Object.entries(places).map(([place, text]) => [place, findCanary(key, text)]);
  expect(Object.fromEntries(sightings)).toEqual(
    Object.fromEntries(Object.keys(places).map((place) => [place, []])),
  );
  return [first, ...others];
}

const unicodeEscaped = (text: string) =>
  Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string) => Buffer.from(text).toString('base64');

const secretBundle = (value: unknown) => JSON.stringify({ value, id: 'https://v/secrets/training-key/1' });

/** How a body might write the key: each is a function from the key to the inside of a JSON string. */
const WRITINGS: Record<string, (secret: string) => string> = {
  'as it is': (secret) => jsonEscaped(secret),
  'with escapes that JSON does not need': unicodeEscaped,
  'with escaped slashes': (secret) => jsonEscaped(secret).replaceAll('/', '\\/'),
  'in a URL': encodeURIComponent,
  'in a URL, in lower case': (secret) =>
    encodeURIComponent(secret).replaceAll(/%../g, (byte) => byte.toLowerCase()),
  'in a form': (secret) => new URLSearchParams({ key: secret }).toString(),
  'in JSON in JSON': (secret) => jsonEscaped(JSON.stringify({ key: secret })),
  'in JSON in JSON in JSON': (secret) => jsonEscaped(JSON.stringify(JSON.stringify({ key: secret }))),
  'in XML': (secret) =>
    jsonEscaped(secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')),
  'in base64': base64,
  'in base64 with more before it': (secret) => base64(`Training-Key: ${secret}\r\n`),
  'in base64 with even more before it': (secret) => base64(`"Training-Key": ${secret}`),
  'in base64url': (secret) => Buffer.from(`{"key":"${secret}"}`).toString('base64url'),
  'in hex': (secret) => Buffer.from(secret).toString('hex'),
  'in hex, in upper case': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
};
const writings = Object.entries(WRITINGS).map(([writing, write]) => ({ writing, write }));

describe('the training key shows nowhere', () => {
  it('when all is well', async () => {
    const [first] = await renameAndLook(proxy.seed());
    expect(first?.status).toBe(200);
  });

  it.each(writings)('when a refusal says it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"code":"BadRequest","message":"Bad header: ${write(key)}."}`;
    proxy.stack.customVision.faults.inject({ kind: 'status', status: 400, when: 'PATCH', body });
    const [first, again] = await renameAndLook(iteration);
    expect([first?.status, again?.status]).toEqual([502, 502]);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
      status: 'rejected',
      upstreamStatus: 400,
    });
  });

  it.each(writings)('when the renamed iteration has it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"renamed","newer":{"of":["${write(key)}"]}}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'PATCH', acts: true });
    const [first] = await renameAndLook(iteration);
    expect(first?.status).toBe(502);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ status: 'succeeded' });
  });

  it.each(writings)('when the name before has it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"${write(key)}"}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'GET' });
    const [first] = await renameAndLook(iteration);
    expect(first?.status).toBe(200);
    const [record] = await proxy.records(iteration.projectId);
    expect(record?.['status']).toBe('succeeded');
    expect(record?.['previousName']).not.toBe(write(key));
  });

  it('when it is the name of a property', async () => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"renamed","${unicodeEscaped(key)}":1}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'PATCH', acts: true });
    expect((await renameAndLook(iteration))[0]?.status).toBe(502);
  });

  const upstreamFaults: { case: string; fault: (secret: string) => FaultKind }[] = [
    {
      case: 'a 500 says it',
      fault: (secret) => ({ kind: 'status', status: 500, body: JSON.stringify({ message: secret }) }),
    },
    { case: 'a 400 of no JSON says it', fault: (body) => ({ kind: 'status', status: 400, body }) },
    {
      case: 'a 401 says it',
      fault: (secret) => ({
        kind: 'status',
        status: 401,
        headers: { 'www-authenticate': `Key ${secret}` },
        body: JSON.stringify({ code: 'Unauthorized', message: `Access denied for ${secret}` }),
      }),
    },
    {
      case: 'a 429 says it',
      fault: (secret) => ({
        kind: 'status',
        status: 403,
        headers: { 'retry-after': secret },
        body: JSON.stringify({ error: { code: 'TooMany', message: secret } }),
      }),
    },
    {
      case: 'a request id says it',
      fault: (secret) => ({
        kind: 'status',
        status: 409,
        headers: { 'apim-request-id': Buffer.from(secret).toString('hex'), 'x-ms-request-id': secret },
        body: JSON.stringify({ code: 'Conflict', message: 'A conflict.' }),
      }),
    },
    {
      case: 'an error code says it',
      fault: (secret) => ({
        kind: 'status',
        status: 400,
        body: JSON.stringify({ code: Buffer.from(secret).toString('hex').slice(0, 80), message: 'no' }),
      }),
    },
    {
      case: 'a redirect says it, and leads elsewhere',
      fault: (secret) => ({
        kind: 'redirect',
        location: `${strangerUrl}/?key=${encodeURIComponent(secret)}`,
      }),
    },
    { case: 'the answer is far too large', fault: (secret) => ({ kind: 'body', body: secret.repeat(5000) }) },
    { case: 'the answer stops half way', fault: () => ({ kind: 'stall', acts: true }) },
    { case: 'no answer comes', fault: () => ({ kind: 'hang' }) },
    { case: 'the connection breaks', fault: () => ({ kind: 'reset' }) },
    { case: 'the answer is lost', fault: () => ({ kind: 'answer-lost' }) },
    { case: 'the answer is no HTTP-like JSON', fault: (body) => ({ kind: 'body', body }) },
  ];
  it.each(upstreamFaults)('when $case', async ({ fault }) => {
    const iteration = proxy.seed();
    proxy.stack.customVision.faults.inject(fault(key));
    for (const { status } of await renameAndLook(iteration)) expect(status).toBeGreaterThanOrEqual(400);
  });

  it('when Custom Vision cannot be reached', async () => {
    await proxy.stack.customVision.faults.refuse();
    expect((await renameAndLook(proxy.seed()))[0]?.status).toBe(502);
  });

  it('when the table fails', async () => {
    proxy.stack.tables.faults.inject({ kind: 'status', status: 400, body: 'no table today' });
    expect((await renameAndLook(proxy.seed()))[0]?.status).toBe(503);
  });

  it('when the key was refused and its replacement cannot be sent', async () => {
    const iteration = proxy.seed();
    const { customVision, keyVault } = proxy.stack;
    const app = await proxy.stack.startApp();
    await proxy.rename(iteration, { name: 'the first key is cached', app });
    const body = JSON.stringify({ code: 'Unauthorized', message: `Access denied for ${key}` });
    const when = ({ headers }: { headers: Record<string, string> }) => headers['training-key'] === key;
    customVision.faults.inject({ kind: 'status', status: 401, body, when });
    customVision.hooks.onAnswered = ({ method }) => {
      return method === 'PATCH' ? customVision.faults.refuse() : undefined;
    };
    keyVault.setSecret('training-key', 'another-key-0123456789abcdef');
    try {
      expect((await renameAndLook(iteration, app))[0]?.status).toBeGreaterThanOrEqual(502);
    } finally {
      delete customVision.hooks.onAnswered;
      keyVault.setSecret('training-key', key);
      await app.stop();
    }
  });
});

describe('the training key shows nowhere when the vault', () => {
  /** `quiet`: without the SDKs' own logs, which show every header that a vault may rightly send. */
  const vaultFaults: { case: string; quiet?: true; fault: (secret: string) => FaultKind }[] = [
    { case: 'answers the bare key', fault: (body) => ({ kind: 'body', body, status: 200 }) },
    {
      case: 'answers half a JSON object',
      fault: (secret) => ({ kind: 'body', body: secretBundle(secret).slice(0, -8) }),
    },
    {
      case: 'answers a page of HTML',
      fault: (secret) => ({
        kind: 'body',
        body: `<html>${secret}</html>`,
        headers: { 'content-type': 'text/html' },
      }),
    },
    { case: 'answers a list', fault: (secret) => ({ kind: 'body', body: secretBundle([secret]) }) },
    { case: 'answers an object', fault: (secret) => ({ kind: 'body', body: secretBundle({ a: secret }) }) },
    {
      case: 'holds a line feed in the key',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}\nX-More: 1`) }),
    },
    {
      case: 'holds a NUL in the key',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}\0`) }),
    },
    {
      case: 'holds a key with an accent',
      fault: (secret) => ({ kind: 'body', body: secretBundle(`${secret}é`) }),
    },
    {
      case: 'holds a key that is far too long',
      fault: (secret) => ({ kind: 'body', body: secretBundle(secret.repeat(20)) }),
    },
    {
      case: 'refuses, and says it in the message and a header',
      quiet: true,
      fault: (secret) => ({
        kind: 'status',
        status: 403,
        headers: { 'content-type': 'application/json', 'x-ms-error-code': secret },
        body: JSON.stringify({ error: { code: 'Forbidden', message: secret } }),
      }),
    },
    {
      case: 'refuses, and says it in the code',
      fault: (secret) => ({
        kind: 'status',
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ error: { code: secret, message: 'no' } }),
      }),
    },
    {
      case: 'fails, and says it',
      fault: (secret) => ({ kind: 'status', status: 500, body: secret }),
    },
    {
      case: 'asks for another authority, and says it',
      quiet: true,
      fault: (secret) => ({
        kind: 'status',
        status: 401,
        headers: {
          'www-authenticate': `Bearer authorization="${strangerUrl}/${secret}"`,
        },
      }),
    },
  ];
  // Each in an app of its own, which has no key yet.
  it.each(vaultFaults)('$case', async ({ fault, quiet }) => {
    const app = await proxy.stack.startApp(
      quiet === true ? { settings: { AZURE_LOG_LEVEL: '', DEBUG: '' } } : {},
    );
    try {
      proxy.stack.keyVault.faults.inject(fault(key));
      const iteration = proxy.seed();
      const [first] = await renameAndLook(iteration, app);
      expect(first?.status).toBe(503);
      expect(app.output()).toContain('"event":"key_vault_failed"');
      expect(proxy.upstreamRequests(iteration)).toEqual([]);
    } finally {
      await app.stop();
    }
  });

  it('sends elsewhere, where nobody goes: neither the key nor the token is for anybody else', async () => {
    const { keyVault } = proxy.stack;
    const app = await proxy.stack.startApp();
    const since = keyVault.journal.length;
    keyVault.faults.inject({
      kind: 'redirect',
      location: `${keyVault.uri}/elsewhere`,
      status: 302,
      when: ({ path }) => path.startsWith('/secrets/'),
    });
    const [first] = await renameAndLook(proxy.seed(), app);
    await app.stop();
    expect(first?.status).toBe(503);
    expect(keyVault.journal.slice(since).filter(({ path }) => path.startsWith('/elsewhere'))).toEqual([]);
  });

  it('says a key of letters and digits in its error code', async () => {
    const plain = '0123456789abcdef0123456789abcdef';
    const app = await proxy.stack.startApp();
    proxy.stack.keyVault.faults.inject({
      kind: 'status',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error: { code: plain, message: plain } }),
    });
    await renameAndLook(proxy.seed(), app);
    await app.stop();
    expect(findCanary(plain, app.output())).toEqual([]);
  });
});
