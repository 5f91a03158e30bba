import { describe, expect, it } from 'vitest';
import { acceptOne, answersWith, carryOut, KEY_REFUSED } from '../queued/queued-world.ts';
import { reads, renamed } from '../world.ts';
import { createSweepWorld, iterationId, MINUTE_MS, requestOf, worldWithStuck } from './sweep-world.ts';

const mostIn = (atMs: readonly number[], ms: number) =>
  Math.max(...atMs.map((fromMs) => atMs.filter((one) => one >= fromMs && one < fromMs + ms).length));

describe('a sweep', () => {
  it('leaves a queued rename whose access was refused to its message, for two hours', async () => {
    const world = createSweepWorld();
    const request = requestOf(1);
    world.active.add(request.projectId);
    const { renameId } = await acceptOne(world, { request });
    world.script.rename = answersWith(KEY_REFUSED);
    expect(await carryOut(world, { projectId: request.projectId, renameId })).toMatchObject({
      reason: 'access_refused',
    });
    expect(world.sent).toHaveLength(1);
    world.script.rename = async (name) => renamed(name);
    const sweep = world.createSweep();
    world.advance(2 * 60 * MINUTE_MS - 1000);
    await world.time.run(() => sweep(world.report));
    expect(world.statuses()).toEqual(['pending']);
    world.advance(MINUTE_MS);
    await world.time.run(() => sweep(world.report)); // the message was lost
    expect(world.statuses()).toEqual(['succeeded']);
  });

  it('looks at most twice a second, and starts at most one rename a second, whatever it settles and carries out', async () => {
    const world = await worldWithStuck({ synchronous: 5, queued: 6 });
    const readAtMs: number[] = [];
    const sentAtMs: number[] = [];
    world.script.read = async () => {
      readAtMs.push(world.now());
      return reads('old');
    };
    world.script.rename = async (name) => {
      sentAtMs.push(world.now());
      return renamed(name);
    };
    await world.time.run(() => world.createSweep()(world.report));
    expect(world.locks.size).toBe(0);
    expect([readAtMs.length, sentAtMs.length]).toEqual([5 * 2 + 3 * 2 + 3, 6]);
    expect(mostIn(readAtMs, 1000)).toBeLessThanOrEqual(2);
    expect(mostIn(sentAtMs, 1000)).toBeLessThanOrEqual(2);
    expect(mostIn(sentAtMs, 3000)).toBeLessThanOrEqual(4);
  });

  it('leaves alone what has a lease', async () => {
    const world = await worldWithStuck({ synchronous: 2 });
    world.advance(-1);
    await world.time.run(() => world.createSweep()(world.report));
    expect(world.statuses()).toEqual(['pending', 'pending']);
  });

  it('settles in the order of their ids, in whatever order they are listed, so that the next sweep can go on', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const world = await worldWithStuck({ synchronous: 3 });
      const read: string[] = [];
      world.script.read = async ({ iterationId: id }) => {
        read.push(id);
        return reads('v1');
      };
      const leases = world.leases();
      const sweep = world.createSweep({
        async *leasesOf() {
          for (const index of order) if (leases[index] !== undefined) yield leases[index];
        },
      });
      await world.time.run(() => sweep(world.report));
      expect(read).toEqual([0, 1, 2].map(iterationId));
    }
  });

  it('settles each in its turn, behind those that cannot be settled', async () => {
    const world = await worldWithStuck({ synchronous: 200 });
    const awayUntil = iterationId(150);
    world.script.read = async (target) => {
      if (target.iterationId >= awayUntil) return reads('Iteration 1');
      await world.time.sleep(world.timings.upstreamTimeoutMs);
      return { kind: 'unavailable' };
    };
    const sweep = world.createSweep();
    await world.time.run(async () => {
      for (let sweeps = 0; sweeps < 8; sweeps += 1) {
        await sweep(world.report);
        await world.sleep(MINUTE_MS - (world.now() % MINUTE_MS));
      }
    });
    expect(world.statuses()).toEqual([...Array(150).fill('pending'), ...Array(50).fill('not_applied')]);
  });

  it('ends within the five minutes that the host allows a function, also where each call takes its whole timeout', async () => {
    const world = await worldWithStuck({ synchronous: 400 });
    world.script.read = async () => {
      await world.time.sleep(world.timings.upstreamTimeoutMs);
      return { kind: 'unavailable' };
    };
    const startedMs = world.now();
    await world.time.run(() => world.createSweep()(world.report));
    expect(world.now() - startedMs).toBeLessThan(5 * MINUTE_MS);
  });

  it('goes on where one of them cannot be settled, and says how many', async () => {
    const world = await worldWithStuck({ synchronous: 3 });
    world.script.read = async (target) => {
      if (target.iterationId === iterationId(1)) throw new Error('an unforeseen fault');
      return reads('v1');
    };
    await world.time.run(() => world.createSweep()(world.report));
    expect(world.statuses()).toEqual(['succeeded', 'pending', 'succeeded']);
    expect(world.events.at(-1)).toMatchObject({ event: 'sweep_completed', locks: 3, settled: 2, failed: 1 });
  });

  it('is harmless beside many others: each rename is settled once, and each queued one sent once more', async () => {
    const world = await worldWithStuck({ synchronous: 4, queued: 4 });
    const sentBefore = world.sent.length;
    world.script.read = async () => reads('old');
    const sweeps = Array.from({ length: 6 }, () => world.createSweep());
    await world.time.run(() => Promise.all(sweeps.map((sweep) => sweep(world.report))));
    expect(world.statuses()).toEqual([...Array(4).fill('not_applied'), ...Array(4).fill('succeeded')]);
    expect(world.events.filter(({ event }) => event === 'rename_settled')).toHaveLength(4);
    expect(world.sent.length - sentBefore).toBe(4);
    expect(world.locks.size).toBe(0);
  });
});

describe('a project whose rows cannot be read', () => {
  it('ends no sweep: the others are settled, and the log counts it', async () => {
    const world = await worldWithStuck({ synchronous: 100 });
    world.script.read = async () => reads('v1');
    const broken = requestOf(40).projectId;
    const sweep = world.createSweep({
      async *leasesOf(id) {
        if (id === broken) throw new Error('503');
        yield* world.unfinished.leasesOf(id);
      },
    });
    await world.time.run(() => sweep(world.report));
    const left = world.records().filter(({ status }) => status === 'pending');
    expect(left).toHaveLength(20);
    expect(new Set(left.map(({ projectId }) => projectId))).toEqual(new Set([broken]));
    expect(world.events.at(-1)).toMatchObject({ projects: 5, failedProjects: 1, settled: 80, failed: 0 });
  });

  it('stays among the active projects while it has work left', async () => {
    const world = createSweepWorld();
    const kept: string[] = [];
    await world.time.run(() => world.rename('v1', { request: requestOf(0) }));
    const stuck = await worldWithStuck({ synchronous: 21 });
    const sweep = stuck.createSweep({ keepActive: async (id) => void kept.push(id) });
    await stuck.time.run(() => sweep(stuck.report));
    expect(kept.toSorted()).toEqual([requestOf(0).projectId, requestOf(20).projectId]);
  });
});
