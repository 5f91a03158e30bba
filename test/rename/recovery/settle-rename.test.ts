import { describe, expect, it } from 'vitest';
import type { Lease } from '../../../src/rename/audit-log.ts';
import type { UpstreamReading } from '../../../src/rename/upstream.ts';
import { createWorld, reads } from '../world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function abandonedRename() {
  const world = createWorld();
  world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
  await world.rename('v1').catch(() => {});
  const [lock] = world.leases();
  if (lock === undefined) throw new Error('no lock');
  const readings = (...list: UpstreamReading[]) => {
    world.script.read = async () => list.shift() ?? { kind: 'unavailable' };
  };
  const outcome = (renewed: Lease) => world.record(renewed.renameId);
  return { world, lock, readings, outcome };
}

describe('settling an abandoned rename', () => {
  it('leaves a young one alone', async () => {
    const { world, lock, outcome } = await abandonedRename();
    world.advance(world.timings.leaseMs - 1);
    expect(await world.settle(lock, world.report)).toBe(false);
    expect(outcome(lock).status).toBe('pending');
  });

  it('finds that it succeeded where the iteration has the name', async () => {
    const { world, lock, readings, outcome } = await abandonedRename();
    readings(reads('v1'));
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lock, world.report)).toBe(true);
    expect(outcome(lock)).toMatchObject({ status: 'succeeded', evidence: 'state' });
    expect(world.locks.size).toBe(0);
  });

  it('finds that it was not applied only after a second look, some seconds later', async () => {
    const { world, lock, readings, outcome } = await abandonedRename();
    readings(reads('old'), reads('old'));
    world.advance(world.timings.leaseMs);
    const before = world.now();
    await world.settle(lock, world.report);
    expect(world.now() - before).toBeGreaterThanOrEqual(2000);
    expect(outcome(lock)).toMatchObject({ status: 'not_applied', previousName: 'old' });
  });

  it('believes the second look where it shows the name after all', async () => {
    const { world, lock, readings, outcome } = await abandonedRename();
    readings(reads('old'), reads('v1'));
    world.advance(world.timings.leaseMs);
    await world.settle(lock, world.report);
    expect(outcome(lock).status).toBe('succeeded');
  });

  it('takes the new name in another form for no previous name', async () => {
    const world = createWorld();
    world.script.read = async () => ({ kind: 'unavailable' });
    world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
    await world.rename('two  words').catch(() => {});
    const [lock] = world.leases();
    if (lock === undefined) throw new Error('no lock');
    world.script.read = async () => reads('two words', { lastModified: new Date().toISOString() });
    world.advance(world.timings.leaseMs);
    await world.settle(lock, world.report);
    expect(world.record(lock.renameId)).toMatchObject({
      status: 'succeeded',
      appliedName: 'two words',
      previousName: null,
    });
  });

  it('keeps the previous name that was read before, whatever the history says', async () => {
    const world = createWorld({
      log: () => ({ newestSucceeded: async () => ({ name: 'from the history', lastModified: null }) }),
    });
    world.script.read = async () => reads('as read');
    world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
    await world.rename('v1').catch(() => {});
    const [lock] = world.leases();
    if (lock === undefined) throw new Error('no lock');
    world.script.read = async () => reads('v1');
    world.advance(world.timings.leaseMs);
    await world.settle(lock, world.report);
    expect(world.record(lock.renameId)).toMatchObject({ status: 'succeeded', previousName: 'as read' });
  });

  it('takes no previous name from the history where it is not known what the rename did', async () => {
    const world = createWorld({
      log: () => ({ newestSucceeded: async () => ({ name: 'from the history', lastModified: null }) }),
    });
    world.script.read = async () => ({ kind: 'unavailable' });
    world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
    await world.rename('v1').catch(() => {});
    const [lock] = world.leases();
    if (lock === undefined) throw new Error('no lock');
    for (const ms of [world.timings.leaseMs, DAY_MS]) {
      world.advance(ms);
      await world.settle(lock, world.report);
    }
    expect(world.record(lock.renameId)).toMatchObject({ status: 'unresolved', previousName: null });
  });

  it.each<{ case: string; list: UpstreamReading[] }>([
    { case: 'the upstream cannot be read', list: [{ kind: 'unavailable' }] },
    { case: 'the second look fails', list: [reads('old'), { kind: 'unavailable' }] },
    { case: 'the iteration is gone', list: [{ kind: 'absent' }] },
  ])('does not guess where $case, and asks a person after a day', async ({ list }) => {
    const { world, lock, readings, outcome } = await abandonedRename();
    world.advance(world.timings.leaseMs);
    readings(...list);
    expect(await world.settle(lock, world.report)).toBe(false);
    expect(outcome(lock).status).toBe('pending');

    world.advance(DAY_MS);
    readings(...list);
    expect(await world.settle(lock, world.report)).toBe(true);
    expect(outcome(lock)).toMatchObject({ status: 'unresolved', evidence: null });
    expect(world.events.map(({ event }) => event)).toContain('rename_unresolved');
  });

  it('writes nothing where the sender completes the record meanwhile', async () => {
    const { world, lock, outcome } = await abandonedRename();
    world.advance(world.timings.leaseMs);
    const pending = await world.log.readPending(lock);
    if (pending === null) throw new Error('not pending');
    world.script.read = async () => {
      await world.log.complete(pending, BY_THE_SENDER, { iteration: null, callerIsAnswered: true });
      return reads('old');
    };
    expect(await world.settle(lock, world.report)).toBe(true);
    expect(outcome(lock)).toMatchObject({ status: 'succeeded', evidence: 'response' });
  });
});

const BY_THE_SENDER = {
  status: 'succeeded',
  previousName: 'old',
  appliedName: null,
  completedAt: '2026-01-01T00:00:30.000Z',
  durationMs: 30_000,
  attempts: 1,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: null,
  evidence: 'response',
} as const;
