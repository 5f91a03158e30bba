import { expect, it } from 'vitest';
import type { Lease } from '../../../src/rename/audit-log.ts';
import { createFindWork } from '../../../src/rename/recovery/find-work.ts';
import { createSettlePaced } from '../../../src/rename/recovery/settle-paced.ts';
import { acceptOne } from '../queued/queued-world.ts';
import { createVirtualTime } from '../virtual-time.ts';
import { reads } from '../world.ts';
import {
  createSweepWorld,
  iterationId,
  MINUTE_MS,
  projectId,
  requestOf,
  worldWithStuck,
} from './sweep-world.ts';

it('a sweep logs what it has found and done, and how long that took', async () => {
  const world = await worldWithStuck({ synchronous: 3, queued: 2 });
  world.script.read = async () => reads('v1');
  await world.time.run(() => world.createSweep()(world.report));
  expect(world.events.at(-1)).toEqual({
    event: 'sweep_completed',
    projects: 1,
    failedProjects: 0,
    locks: 5,
    settled: 5,
    failed: 0,
    enqueued: 0,
    oldestAgeMs: world.timings.leaseMs, // the released one is not neglected
    durationMs: 5000,
  });
});

it('a sweep does not count as settled what it cannot settle', async () => {
  const world = await worldWithStuck({ synchronous: 2 });
  world.script.read = async () => ({ kind: 'unavailable' });
  await world.time.run(() => world.createSweep()(world.report));
  expect(world.events.at(-1)).toMatchObject({ locks: 2, settled: 0, failed: 0 });
});

it('a sweep counts each project that cannot be read, and each message that it enqueues', async () => {
  const world = createSweepWorld();
  world.script.isQueueDown = true;
  for (let index = 0; index < 60; index += 1) {
    await acceptOne(world, { request: requestOf(index), deliveryIdentity: `delivery-${index}` });
    world.active.add(projectId(index));
  }
  world.script.isQueueDown = false;
  world.advance(2 * MINUTE_MS - 1);
  await world.time.run(() => world.createSweep()(world.report));
  expect(world.messages).toEqual([]);
  world.advance(1);
  const sweep = world.createSweep({
    async *acceptedOf(id) {
      if (id !== projectId(0)) throw new Error('503');
      yield* world.unfinished.acceptedOf(id);
    },
  });
  await world.time.run(() => sweep(world.report));
  expect(world.events.at(-1)).toMatchObject({ projects: 3, failedProjects: 2, enqueued: 20 });
});

it('a project without work left is not kept among the active ones; one that waits for its messages is', async () => {
  const world = createSweepWorld();
  await acceptOne(world, { request: requestOf(0) });
  world.active.add(projectId(0)).add(projectId(20));
  const kept: string[] = [];
  const sweep = world.createSweep({ keepActive: async (id) => void kept.push(id) });
  await world.time.run(() => sweep(world.report));
  expect(kept).toEqual([projectId(0)]);
});

it('a sweep looks into eight projects at once', async () => {
  const time = createVirtualTime();
  let now = 0;
  let most = 0;
  const findWork = createFindWork({
    monotonic: time.now,
    unfinished: {
      async *activeProjects() {
        for (let index = 0; index < 30; index += 1) yield String(index);
      },
      async *leasesOf() {
        most = Math.max(most, (now += 1));
        await time.sleep(100);
        now -= 1;
        yield* [];
      },
      async *acceptedOf() {},
      keepActive: async () => {},
      touch: async () => {},
    },
  });
  const found = await time.run(() => findWork(time.now() + MINUTE_MS));
  expect([found.projects, most]).toEqual([30, 8]);
});

const leaseOf = (index: number): Lease => ({
  projectId: projectId(index),
  iterationId: iterationId(index),
  renameId: `rename-${index}`,
  resource: 'default',
  expiresAtMs: 0,
  writtenAtMs: 0,
  isReleased: false,
  lastFailure: null,
});

it('the age that a sweep reports is that of the oldest rename that no message brings back', async () => {
  const findWork = createFindWork({
    monotonic: () => MINUTE_MS,
    unfinished: {
      async *activeProjects() {
        yield projectId(0);
      },
      async *leasesOf() {
        yield { ...leaseOf(0), writtenAtMs: 0, isReleased: true };
        yield { ...leaseOf(1), writtenAtMs: 20_000 };
        yield { ...leaseOf(2), writtenAtMs: 30_000 };
      },
      async *acceptedOf() {},
      keepActive: async () => {},
      touch: async () => {},
    },
  });
  expect((await findWork(2 * MINUTE_MS)).oldestAgeMs).toBe(MINUTE_MS - 20_000);
});

it('at most 32 renames of a resource are settled at once, while each is slow', async () => {
  const time = createVirtualTime();
  let now = 0;
  let most = 0;
  const settlePaced = createSettlePaced({ monotonic: time.now, sleep: time.sleep });
  const settleSlowly = async () => {
    most = Math.max(most, (now += 1));
    await time.sleep(2 * MINUTE_MS);
    now -= 1;
    return true;
  };
  const leases = Array.from({ length: 50 }, (_, index) => leaseOf(index));
  const done = await time.run(() => settlePaced(leases, settleSlowly, time.now() + 60 * MINUTE_MS));
  expect({ ...done, most }).toEqual({ settled: 50, failed: 0, most: 32 });
});

it('no settling starts after the end of the time for them', async () => {
  const time = createVirtualTime();
  const settlePaced = createSettlePaced({ monotonic: time.now, sleep: time.sleep });
  const leases = Array.from({ length: 10 }, (_, index) => leaseOf(index));
  const done = await time.run(() => settlePaced(leases, async () => true, time.now() + 3000));
  expect(done.settled).toBe(4);
});

it('no message is enqueued after the end of the time for it', async () => {
  const world = createSweepWorld();
  world.script.isQueueDown = true;
  for (let index = 0; index < 20; index += 1)
    await acceptOne(world, { request: requestOf(index), deliveryIdentity: `delivery-${index}` });
  world.script.isQueueDown = false;
  world.active.add(projectId(0));
  world.advance(2 * MINUTE_MS);
  let enqueued = 0;
  world.queue.enqueue = async () => {
    enqueued += 1;
    await world.time.sleep(MINUTE_MS);
  };
  const startedMs = world.now();
  await world.time.run(() => world.createSweep()(world.report));
  expect(world.now() - startedMs).toBeLessThan(5 * MINUTE_MS);
  expect(enqueued).toBe(4);
});
