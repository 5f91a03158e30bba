import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;

beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

describe('an iteration that is being renamed', () => {
  it('answers other requests 409 with Retry-After, and sends nothing for them', async () => {
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
    'replays the first answer, and sends nothing',
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

  it('replays a refusal too', async () => {
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

  it('answers 422 for another rename', async () => {
    const iteration = proxy.seed();
    const headers = { 'idempotency-key': 'reused-1' };
    await proxy.rename(iteration, { name: 'one', headers });
    const { status, json } = await proxy.rename(iteration, { name: 'two', headers });
    expect({ status, code: json['code'] }).toEqual({ status: 422, code: 'Conflict' });
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
  });

  it('answers 409 with Retry-After while the first request is in flight', async () => {
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
