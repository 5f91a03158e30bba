import { describe, expect, it } from 'vitest';
import type { UpstreamAnswer } from '../../../src/rename/upstream.ts';
import { createWorld, reads, renamed } from '../world.ts';
import {
  acceptOne,
  answersWith,
  carryOut,
  HOUR_MS,
  lockOf,
  NO_ANSWER,
  REFUSED,
  UNAVAILABLE,
  UNREACHABLE,
  worldInDoubt,
} from './queued-world.ts';

describe('an attempt whose outcome is not known', () => {
  it('is not followed by another while it may still be under way', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(10_000);
    expect(await carryOut(world, pointer)).toEqual({
      kind: 'requeue',
      delayMs: world.timings.leaseMs - 10_000,
      reason: 'idempotency_key_in_flight',
    });
    expect(world.sent).toHaveLength(1);
  });

  it('ends as succeeded, without another PATCH, where the iteration shows the name', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('Release 1');
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
    expect(world.records()).toMatchObject([{ status: 'succeeded', evidence: 'state' }]);
  });

  it('is followed by another where the iteration shows that it was not heard', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded', evidence: 'response' }]);
  });

  it('is not followed by another where a second look, seconds later, shows the name after all', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const looks = [reads('Iteration 1'), reads('Release 1')];
    world.script.read = async () => looks.shift() ?? UNAVAILABLE;
    const startedMs = world.now();
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.now() - startedMs).toBeGreaterThanOrEqual(2000);
    expect(world.sent).toHaveLength(1);
    expect(world.records()).toMatchObject([{ status: 'succeeded', evidence: 'state' }]);
  });

  it('is not followed by another while only one look tells anything', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const looks = [reads('Iteration 1'), UNAVAILABLE];
    world.script.read = async () => looks.shift() ?? UNAVAILABLE;
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    expect(world.sent).toHaveLength(1);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('is followed by one other, however many see it at once', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const lock = lockOf(world);
    await Promise.all([
      carryOut(world, pointer),
      carryOut(world, pointer),
      world.settle(lock, world.report),
      world.settle(lock, world.report),
    ]);
    expect(world.sent).toHaveLength(2);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('cannot complete the record any more once another has resumed it', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => promise;
    const slow = carryOut(world, pointer);
    await new Promise(setImmediate);
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    resolve(REFUSED);
    expect(await slow).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'completion_failed' }));
  });

  it('is followed by another where the iteration is as it was read before the resumed one was sent', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await carryOut(world, pointer).catch(() => {});
    const lastModified = new Date(world.now()).toISOString(); // by somebody else, in the moment of the next one
    world.script.read = async () => reads('portal', { lastModified, answeredAtMs: world.now() });
    world.script.rename = answersWith(NO_ANSWER);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'succeeded', previousName: 'portal' }]);
  });

  it('starts the lease anew, also for a sweep that read the old one', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.rename = answersWith(NO_ANSWER);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(lockOf(world).writtenAtMs).toBe(world.now());
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.sent).toHaveLength(2);
  });
});

describe('the sweep', () => {
  it('carries out a queued rename that was begun and never sent', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.rename = async (name) => renamed(name);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('leaves it alone while the upstream cannot be read, and calls for a person after a day', async () => {
    const { world } = await worldInDoubt();
    world.script.read = async () => UNAVAILABLE;
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    world.advance(24 * HOUR_MS);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'unresolved' }]);
  });

  it('does not take a rename for settled whose attempt it made itself, and which is still open', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.advance(24 * HOUR_MS);
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });
});
