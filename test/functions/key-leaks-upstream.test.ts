import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultKind } from '../stack/faults.ts';
import { type KeyLeakProxy, startKeyLeakProxy } from './key-leak-proxy.ts';
import { unicodeEscaped, WRITINGS } from './key-writings.ts';

let proxy: KeyLeakProxy;
let key: string;

beforeAll(async () => {
  proxy = await startKeyLeakProxy();
  ({ key } = proxy);
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

describe('the training key leaks nowhere', () => {
  it('when the rename succeeds', async () => {
    const [first] = await proxy.renameAndLook(proxy.seed());
    expect(first?.status).toBe(200);
  });

  it.each(WRITINGS)('when a refusal quotes it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"code":"BadRequest","message":"Bad header: ${write(key)}."}`;
    proxy.stack.customVision.faults.inject({ kind: 'status', status: 400, when: 'PATCH', body });
    const [first, again] = await proxy.renameAndLook(iteration);
    expect([first?.status, again?.status]).toEqual([502, 502]);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
      status: 'rejected',
      upstreamStatus: 400,
    });
  });

  it.each(WRITINGS)('when the renamed iteration contains it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"renamed","newer":{"of":["${write(key)}"]}}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'PATCH', acts: true });
    const [first] = await proxy.renameAndLook(iteration);
    expect(first?.status).toBe(502);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ status: 'succeeded' });
  });

  it.each(WRITINGS)('when the previous name contains it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"${write(key)}"}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'GET' });
    const [first] = await proxy.renameAndLook(iteration);
    expect(first?.status).toBe(200);
    const [record] = await proxy.records(iteration.projectId);
    expect(record?.['status']).toBe('succeeded');
    expect(record?.['previousName']).not.toBe(write(key));
  });

  it('when it is the name of a property', async () => {
    const iteration = proxy.seed();
    const body = `{"id":"${iteration.iterationId}","name":"renamed","${unicodeEscaped(key)}":1}`;
    proxy.stack.customVision.faults.inject({ kind: 'body', body, when: 'PATCH', acts: true });
    expect((await proxy.renameAndLook(iteration))[0]?.status).toBe(502);
  });

  const upstreamFaults: { case: string; fault: (secret: string) => FaultKind }[] = [
    {
      case: 'a 500 quotes it',
      fault: (secret) => ({ kind: 'status', status: 500, body: JSON.stringify({ message: secret }) }),
    },
    { case: 'a 400 that is not JSON quotes it', fault: (body) => ({ kind: 'status', status: 400, body }) },
    {
      case: 'a 401 quotes it',
      fault: (secret) => ({
        kind: 'status',
        status: 401,
        headers: { 'www-authenticate': `Key ${secret}` },
        body: JSON.stringify({ code: 'Unauthorized', message: `Access denied for ${secret}` }),
      }),
    },
    {
      case: 'a 403 of a gateway quotes it',
      fault: (secret) => ({
        kind: 'status',
        status: 403,
        headers: { 'retry-after': secret },
        body: JSON.stringify({ error: { code: 'TooMany', message: secret } }),
      }),
    },
    {
      case: 'a request id contains it',
      fault: (secret) => ({
        kind: 'status',
        status: 409,
        headers: { 'apim-request-id': Buffer.from(secret).toString('hex'), 'x-ms-request-id': secret },
        body: JSON.stringify({ code: 'Conflict', message: 'A conflict.' }),
      }),
    },
    {
      case: 'an error code contains it',
      fault: (secret) => ({
        kind: 'status',
        status: 400,
        body: JSON.stringify({ code: Buffer.from(secret).toString('hex').slice(0, 80), message: 'no' }),
      }),
    },
    {
      case: 'a redirect to another host contains it',
      fault: (secret) => ({
        kind: 'redirect',
        location: `${proxy.otherHostUrl}/?key=${encodeURIComponent(secret)}`,
      }),
    },
    { case: 'the answer is too large', fault: (secret) => ({ kind: 'body', body: secret.repeat(5000) }) },
    { case: 'the answer stops half way', fault: () => ({ kind: 'stall', acts: true }) },
    { case: 'the upstream hangs', fault: () => ({ kind: 'hang' }) },
    { case: 'the connection breaks', fault: () => ({ kind: 'reset' }) },
    { case: 'the answer is lost', fault: () => ({ kind: 'answer-lost' }) },
    { case: 'the answer is not JSON', fault: (body) => ({ kind: 'body', body }) },
  ];
  it.each(upstreamFaults)('when $case', async ({ fault }) => {
    const iteration = proxy.seed();
    proxy.stack.customVision.faults.inject(fault(key));
    for (const { status } of await proxy.renameAndLook(iteration)) expect(status).toBeGreaterThanOrEqual(400);
  });

  it('when Custom Vision cannot be reached', async () => {
    await proxy.stack.customVision.faults.refuse();
    expect((await proxy.renameAndLook(proxy.seed()))[0]?.status).toBe(502);
  });

  it('when the table fails', async () => {
    proxy.stack.tables.faults.inject({ kind: 'status', status: 400, body: 'no table today' });
    expect((await proxy.renameAndLook(proxy.seed()))[0]?.status).toBe(503);
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
      expect((await proxy.renameAndLook(iteration, app))[0]?.status).toBeGreaterThanOrEqual(502);
    } finally {
      delete customVision.hooks.onAnswered;
      keyVault.setSecret('training-key', key);
      await app.stop();
    }
  });
});
