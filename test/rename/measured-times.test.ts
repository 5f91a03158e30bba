import { describe, expect, it } from 'vitest';
import { acceptOne, carryOut } from './queued/queued-world.ts';
import { createWorld, errorOf, reads, renamed, said } from './world.ts';

/** Begin takes 20 ms, the upstream 300, completing 7. */
function worldWithTimes() {
  const world = createWorld({
    log: (log) => ({
      async begin(...args) {
        world.advance(20);
        return log.begin(...args);
      },
      async complete(...args) {
        world.advance(7);
        return log.complete(...args);
      },
    }),
  });
  world.script.rename = async (name) => {
    world.advance(300);
    return renamed(name);
  };
  return world;
}

describe('the times of a rename', () => {
  it('are logged for each part of it', async () => {
    const world = worldWithTimes();
    await world.rename('v1');
    expect(world.events).toMatchObject([
      {
        event: 'rename_completed',
        status: 'succeeded',
        upstreamStatus: 200,
        beginMs: 20,
        upstreamMs: 300,
        completeMs: 7,
        durationMs: 327,
        record: { status: 'succeeded' },
      },
    ]);
  });

  it('are on record from the request to the answer', async () => {
    const world = worldWithTimes();
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId)).toMatchObject({
      requestedAt: '2026-01-01T00:00:00.000Z',
      completedAt: '2026-01-01T00:00:00.320Z',
      durationMs: 320,
    });
  });

  it('are never negative, also where the clock is set back', async () => {
    const world = createWorld();
    world.script.rename = async (name) => {
      world.advance(-5000);
      return renamed(name);
    };
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId).durationMs).toBe(0);
  });

  it.each([
    { passesMs: 4000, durationMs: 4000 },
    { passesMs: -4000, durationMs: 0 },
  ])('are on record of one that is never sent: $durationMs ms', async ({ passesMs, durationMs }) => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.refusal = 'Withdrawn.';
    world.advance(passesMs);
    await carryOut(world, pointer);
    expect(world.records()).toMatchObject([{ status: 'not_applied', durationMs }]);
  });

  it.each([
    { passesMs: 30_000, ageMs: 30_000 + 2000 },
    { passesMs: -30_000, ageMs: 0 },
  ])('are on record and logged of one that is settled later: $ageMs ms', async ({ passesMs, ageMs }) => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    const [lease] = world.leases();
    if (lease === undefined) throw new Error('no lock');
    const lock = world.locks.get(lease.iterationId);
    if (lock !== undefined) world.locks.set(lease.iterationId, { ...lock, durationMs: -60_000 }); // expired
    world.advance(passesMs);
    expect(await world.settle(lease, world.report)).toBe(true);
    expect(world.record(lease.renameId)).toMatchObject({ status: 'not_applied', durationMs: ageMs });
    expect(world.events.at(-1)).toMatchObject({ event: 'rename_settled', status: 'not_applied', ageMs });
  });
});

describe('the reading of the name before', () => {
  it('costs no time where it is there already', async () => {
    const world = createWorld();
    const startedMs = world.now();
    await world.rename('v1');
    expect(world.now() - startedMs).toBe(0);
  });

  it('is waited for no longer than 250 ms', async () => {
    const world = createWorld();
    world.script.read = () => new Promise(() => {});
    const startedMs = world.now();
    await world.rename('v1');
    expect(world.now() - startedMs).toBe(250);
  });

  it('is kept of a rename without an answer, for those who settle it', async () => {
    const world = createWorld();
    const lastModified = new Date(world.now() - 10).toISOString();
    world.script.read = async () => reads('old', { lastModified, answeredAtMs: world.now() });
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    expect(world.leases()).toMatchObject([
      { lastFailure: 'outcome_unknown', before: { name: 'old', lastModified } },
    ]);
  });
});

describe('a process that stood still until its lease was over', () => {
  it('keeps nothing beside the lease, which may be of another one', async () => {
    const world = createWorld();
    world.script.rename = async () => {
      world.advance(world.timings.leaseMs);
      return { ...said, kind: 'no_answer' };
    };
    await errorOf(world.rename('v1'));
    expect(world.steps).toEqual(['begin', 'patch']);
  });

  it('keeps what it has learnt a moment before', async () => {
    const world = createWorld();
    world.script.rename = async () => {
      world.advance(world.timings.leaseMs - 1);
      return { ...said, kind: 'no_answer' };
    };
    await errorOf(world.rename('v1'));
    expect(world.steps).toEqual(['begin', 'patch', 'note']);
  });
});
