import { expect, it } from 'vitest';
import { RenameError } from '../../src/rename/rename-error.ts';
import { createWorld, reads, renamed, requestFor } from './world.ts';

/** A world that counts the readings of iterations. */
function createCountingWorld() {
  const world = createWorld();
  let readings = 0;
  world.script.read = async () => {
    readings += 1;
    return reads('Iteration 1');
  };
  return { ...world, readings: () => readings };
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'renamed',
    (error: unknown) => (error instanceof RenameError ? error.code : error),
  );
const key = { idempotencyKey: 'k' };

it('a replay makes no upstream call and takes no turn from others', async () => {
  const world = createCountingWorld();
  await world.rename('v1', key);
  world.rateLimit.take = () => Promise.reject(new Error('a replay needs no turn'));
  for (let count = 0; count < 20; count += 1)
    expect(await world.rename('v1', key)).toMatchObject({ replayed: true });
  expect(world.readings()).toBe(1);
});

it('a reused idempotency key makes no upstream call', async () => {
  const world = createCountingWorld();
  await world.rename('v1', key);
  expect(await codeOf(world.rename('v2', key))).toBe('idempotency_key_reused');
  expect(world.readings()).toBe(1);
});

it('a refusal that is replayed makes none either', async () => {
  const world = createCountingWorld();
  const refusal = { status: 400, code: 'BadRequest', message: 'no' };
  world.script.rename = async () => ({ kind: 'refused', refusal, attempts: 1, requestId: null });
  expect(await codeOf(world.rename('v1', key))).toBe('upstream_refused');
  expect(await codeOf(world.rename('v1', key))).toBe('upstream_refused');
  expect(world.readings()).toBe(1);
});

it('requests for an iteration that is being renamed make none', async () => {
  const world = createCountingWorld();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.script.rename = async (name) => {
    await promise;
    return renamed(name);
  };
  const first = world.rename('v1');
  await expect.poll(() => world.sent).toEqual(['v1']);
  for (let count = 0; count < 5; count += 1) expect(await codeOf(world.rename('v2'))).toBe('iteration_busy');
  expect(world.readings()).toBe(1);
  resolve();
  await first;
  expect(await codeOf(world.rename('v2'))).toBe('renamed');
  expect(world.readings()).toBe(2);
});

it('a rename whose key is free again still learns the name before', async () => {
  const world = createCountingWorld();
  world.script.rename = async () => ({
    kind: 'not_sent',
    reason: 'unreachable',
    attempts: 0,
    requestId: null,
  });
  expect(await codeOf(world.rename('v1', key))).toBe('upstream_unreachable');
  world.script.rename = async (name) => renamed(name);
  expect(await codeOf(world.rename('v1', key))).toBe('renamed');
  expect(world.records().at(-1)).toMatchObject({ status: 'succeeded', previousName: 'Iteration 1' });
});

it('a rename whose iteration is free sooner than expected still learns the name before', async () => {
  const world = createCountingWorld();
  world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
  expect(await codeOf(world.rename('v1'))).toBe('outcome_unknown');
  expect(await codeOf(world.rename('v2'))).toBe('iteration_busy');
  world.advance(world.timings.leaseMs);
  world.script.read = async () => reads('v1');
  for (const lease of world.leases()) expect(await world.settle(lease, world.report)).toBe(true);
  world.script.read = async () => reads('by hand');
  world.script.rename = async (name) => renamed(name);
  expect(await codeOf(world.rename('v2'))).toBe('renamed');
  expect(world.records().at(-1)).toMatchObject({ status: 'succeeded', previousName: 'by hand' });
});

it('another caller with the same key is no replay', async () => {
  const world = createCountingWorld();
  await world.rename('v1', key);
  const caller = { kind: 'caller-key', id: 'key:other', name: null } as const;
  expect(await codeOf(world.rename('v2', { ...key, caller, request: requestFor('v2') }))).toBe('renamed');
  expect(world.readings()).toBe(2);
});
