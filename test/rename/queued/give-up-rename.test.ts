import { describe, expect, it } from 'vitest';
import { createWorld, PROJECT_ID, reads } from '../world.ts';
import {
  acceptOne,
  answersWith,
  carryOut,
  lockOf,
  NO_ANSWER,
  UNAVAILABLE,
  UNREACHABLE,
  worldInDoubt,
} from './queued-world.ts';

describe('a queued rename that is given up', () => {
  it('ends its record, even if no attempt could begin it', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    expect(await world.giveUp(pointer, world.report)).toBe(true);
    expect(world.records()).toMatchObject([
      { status: 'not_applied', attempts: 0, upstreamMessage: expect.stringContaining('Nothing was sent') },
    ]);
    expect(world.waiting.size).toBe(0);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual([]);
  });

  it('ends its record although another rename has the lease', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await world.giveUp(pointer, world.report)).toBe(true);
    expect(world.record(pointer.renameId)).toMatchObject({ status: 'not_applied' });
    expect(world.locks.size).toBe(1);
  });

  it('says why, where every attempt is known to have changed nothing', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.read = async () => UNAVAILABLE;
    expect(await world.giveUp(pointer, world.report)).toBe(true);
    expect(world.records()).toMatchObject([
      { status: 'not_applied', upstreamMessage: expect.stringContaining('unreachable') },
    ]);
    expect(world.locks.size).toBe(0);
  });

  it.each([
    { shows: 'Release 1', status: 'succeeded' },
    { shows: 'Iteration 1', status: 'not_applied' },
  ])(
    'ends as $status where it may have been heard and the iteration shows "$shows"',
    async ({ shows, status }) => {
      const { world, pointer } = await worldInDoubt();
      world.advance(world.timings.leaseMs);
      world.script.read = async () => reads(shows);
      expect(await world.giveUp(pointer, world.report)).toBe(true);
      expect(world.records()).toMatchObject([{ status, evidence: 'state' }]);
      expect(world.sent).toHaveLength(1);
    },
  );

  it('is settled by the sweep where the upstream is still away, and never sent again', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.read = async () => UNAVAILABLE;
    expect(await world.giveUp(pointer, world.report)).toBe(false);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    world.script.read = async () => reads('Iteration 1');
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'not_applied', evidence: 'state' }]);
    expect(world.sent).toHaveLength(1);
  });

  it('keeps its record, where that has ended', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    await carryOut(world, pointer);
    expect(await world.giveUp(pointer, world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });
});

it('a poison message that points to no record gives up nothing', async () => {
  const world = createWorld();
  const pointer = { projectId: PROJECT_ID, renameId: '8232767999999-aaaaaaaaaa' };
  expect(await world.giveUp(pointer, world.report)).toBe(true);
  expect(world.records()).toEqual([]);
});
