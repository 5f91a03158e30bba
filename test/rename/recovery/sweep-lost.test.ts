import { describe, expect, it } from 'vitest';
import { acceptOne } from '../queued/queued-world.ts';
import { reads } from '../world.ts';
import { createSweepWorld, MINUTE_MS, requestOf, type SweepWorld, worldWithStuck } from './sweep-world.ts';

/** Accepted, and the message lost. */
async function worldWithLost(count = 1): Promise<SweepWorld> {
  const world = createSweepWorld();
  world.script.isQueueDown = true;
  for (let index = 0; index < count; index += 1) {
    await acceptOne(world, { request: requestOf(index), deliveryIdentity: `delivery-${index}` });
    world.active.add(requestOf(index).projectId);
  }
  world.script.isQueueDown = false;
  return world;
}

const sweepOnce = (world: SweepWorld, sweep = world.createSweep()) =>
  world.time.run(() => sweep(world.report));

describe('an accepted rename whose message is lost', () => {
  it('is enqueued again by the sweep after two minutes, and then carried out', async () => {
    const world = await worldWithLost();
    await sweepOnce(world);
    expect(world.messages).toEqual([]);
    world.advance(2 * MINUTE_MS);
    await sweepOnce(world);
    expect(world.messages).toMatchObject([{ delayMs: 0, projectId: requestOf(0).projectId }]);
    expect(world.events.at(-1)).toMatchObject({ event: 'sweep_completed', enqueued: 1 });
    for (const pointer of world.messages) {
      await world.time.run(() => world.carryOut({ pointer, traceparent: null, report: world.report }));
    }
    expect(world.statuses()).toEqual(['succeeded']);
    expect(world.waiting.size).toBe(0);
  });

  it('is enqueued once in two minutes, not by each sweep', async () => {
    const world = await worldWithLost();
    world.advance(2 * MINUTE_MS);
    const sweep = world.createSweep();
    for (let sweeps = 0; sweeps < 4; sweeps += 1) {
      await sweepOnce(world, sweep);
      world.advance(MINUTE_MS);
    }
    expect(world.messages).toHaveLength(2);
  });

  it('is enqueued by a later sweep where the queue is down', async () => {
    const world = await worldWithLost();
    world.advance(2 * MINUTE_MS);
    world.script.isQueueDown = true;
    await sweepOnce(world);
    expect(world.events.at(-1)).toMatchObject({ event: 'sweep_completed', enqueued: 0 });
    world.script.isQueueDown = false;
    await sweepOnce(world);
    expect(world.messages).toHaveLength(1);
  });
});

it('a queue that hangs keeps no sweep from settling what is due', async () => {
  const world = await worldWithStuck({ synchronous: 5 });
  for (let index = 100; index < 140; index += 1) {
    await acceptOne(world, { request: requestOf(index), deliveryIdentity: `delivery-${index}` });
    world.active.add(requestOf(index).projectId);
  }
  world.advance(2 * MINUTE_MS);
  world.script.read = async () => reads('v1');
  world.queue.enqueue = async () => {
    await world.time.sleep(5000);
    throw new Error('no answer in time');
  };
  const startedMs = world.now();
  await sweepOnce(world);
  expect(world.records().filter(({ status }) => status === 'succeeded')).toHaveLength(5);
  expect(world.now() - startedMs).toBeLessThan(MINUTE_MS);
});

it('lost messages of a project whose rows cannot be touched are enqueued all the same', async () => {
  const world = await worldWithLost(2);
  world.advance(2 * MINUTE_MS);
  const sweep = world.createSweep({ touch: () => Promise.reject(new Error('503')) });
  await sweepOnce(world, sweep);
  expect(world.messages).toHaveLength(2);
});
