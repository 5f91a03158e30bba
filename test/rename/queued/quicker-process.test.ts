import { describe, expect, it } from 'vitest';
import { createWorld, reads, renamed } from '../world.ts';
import {
  acceptOne,
  answersWith,
  carryOut,
  lockOf,
  NO_ANSWER,
  THROTTLED,
  UNAVAILABLE,
  UNREACHABLE,
  worldInDoubt,
} from './queued-world.ts';

const IN_OTHER_HANDS = { kind: 'requeue', delayMs: 1000, reason: 'idempotency_key_in_flight' };

/** A released rename, or one in doubt, whose next step another process takes first. */
async function overtakenAt(step: 'complete' | 'renewLease', left: 'released' | 'in doubt') {
  let isOvertaken = false;
  const world = createWorld({
    log: (log) => ({
      complete: async (...args) => (isOvertaken && step === 'complete' ? false : log.complete(...args)),
      renewLease: async (...args) => (isOvertaken && step === 'renewLease' ? null : log.renewLease(...args)),
    }),
  });
  const pointer = await acceptOne(world);
  world.script.rename = answersWith(left === 'released' ? UNREACHABLE : NO_ANSWER);
  await carryOut(world, pointer).catch(() => {});
  world.script.rename = async (name) => renamed(name);
  world.advance(world.timings.leaseMs);
  isOvertaken = true;
  return { world, pointer };
}

describe('a process that another one overtakes', () => {
  it('does not take the rename for ended where it finds that it succeeded', async () => {
    const { world, pointer } = await overtakenAt('complete', 'in doubt');
    world.script.read = async () => reads('Release 1');
    expect(await carryOut(world, pointer)).toEqual(IN_OTHER_HANDS);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('does not take it for ended where it is forbidden now', async () => {
    const { world, pointer } = await overtakenAt('complete', 'released');
    world.script.refusal = 'Withdrawn.';
    expect(await carryOut(world, pointer)).toEqual(IN_OTHER_HANDS);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('sends nothing where the other has the lease', async () => {
    const { world, pointer } = await overtakenAt('renewLease', 'released');
    expect(await carryOut(world, pointer)).toEqual(IN_OTHER_HANDS);
    expect(world.sent).toHaveLength(1);
  });

  it('does not take it for given up', async () => {
    const { world, pointer } = await overtakenAt('complete', 'released');
    expect(await world.giveUp(pointer, world.report)).toBe(false);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('does not take it for settled', async () => {
    const world = createWorld({ log: () => ({ complete: async () => false }) });
    world.script.rename = answersWith(NO_ANSWER);
    await world.rename('v1').catch(() => {});
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.events.map(({ event }) => event)).toEqual(['rename_completed']);
  });

  it('logs that its own answer came too late for the record', async () => {
    const world = createWorld({ log: () => ({ complete: async () => false }) });
    await world.rename('v1');
    expect(world.events).toMatchObject([
      { event: 'completion_failed', reason: 'settled by another process' },
      { event: 'rename_completed', status: 'pending', record: null },
    ]);
  });

  it('says no more of a record that the other settled while the table was down', async () => {
    let calls = 0;
    const world = createWorld({
      log: () => ({
        async complete() {
          calls += 1;
          if (calls === 1) throw new Error('the table is down');
          return false;
        },
      }),
    });
    await world.rename('v1');
    await new Promise(setImmediate);
    expect(calls).toBe(2);
    expect(world.events.map(({ event }) => event)).toEqual(['completion_failed', 'rename_completed']);
  });

  it('has nothing to send where the rename ended while it waited for its turn', async () => {
    let isEnded = false;
    const world = createWorld({
      log: (log) => ({ readPending: async (lease) => (isEnded ? null : log.readPending(lease)) }),
    });
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await carryOut(world, pointer).catch(() => {});
    isEnded = true;
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
  });
});

describe('a queued rename that is resumed', () => {
  it('is sent by no process that cannot renew the lease', async () => {
    const world = createWorld({
      log: () => ({ renewLease: () => Promise.reject(new Error('the table is down')) }),
    });
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await carryOut(world, pointer).catch(() => {});
    await expect(carryOut(world, pointer)).rejects.toMatchObject({
      code: 'audit_unavailable',
      renameId: pointer.renameId,
    });
    expect(world.sent).toHaveLength(1);
  });

  it('waits for its turn first', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.rateLimit.pauseFor('default', 60_000);
    world.script.read = () => Promise.reject(new Error('the iteration was read'));
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', reason: 'throttled' });
  });

  it('keeps the name that it had before, where it is forbidden now', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.refusal = 'Withdrawn.';
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'not_applied', previousName: 'Iteration 1' }]);
  });

  it('is only settled by a duplicate message where its first message was given up', async () => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.read = async () => UNAVAILABLE;
    expect(await world.giveUp(pointer, world.report)).toBe(false);
    world.advance(world.timings.leaseMs);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    world.script.read = async () => reads('Iteration 1');
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'not_applied', evidence: 'state' }]);
    expect(world.sent).toHaveLength(1);
  });
});

describe('the wait of a queued rename', () => {
  it('is an hour where the quota of the app is used up', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    const refusal = { status: 403, code: '403', message: 'Out of call volume quota.' };
    world.script.rename = answersWith({ kind: 'access_refused', refusal, attempts: 1, requestId: null });
    expect(await carryOut(world, pointer)).toMatchObject({ delayMs: 3_600_000, reason: 'access_refused' });
    expect(world.events).toMatchObject([
      { event: 'upstream_access_refused', upstreamStatus: 403, upstreamMessage: refusal.message },
      { event: 'rename_completed', status: 'pending' },
    ]);
  });

  it('counts no attempt until a day is over', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.advance(24 * 3_600_000 - 1);
    world.rateLimit.pauseFor('default', 60_000);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', reason: 'throttled' });
  });

  it('says which failure came last', async () => {
    const world = createWorld();
    await carryOut(world, await acceptOne(world));
    const pointer = await acceptOne(world, { deliveryIdentity: 'delivery-2' });
    world.script.rename = answersWith(THROTTLED);
    await carryOut(world, pointer);
    expect(lockOf(world)).toMatchObject({ lastFailure: 'throttled', durationMs: 0 });
  });
});

describe('a fault that was not foreseen', () => {
  const unforeseen = new Error('unforeseen');

  it('counts the attempt of a queued rename', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = () => Promise.reject(unforeseen);
    await expect(carryOut(world, pointer)).rejects.toBe(unforeseen);
  });

  it('is told by the settling of one', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await carryOut(world, pointer).catch(() => {});
    world.script.rename = () => Promise.reject(unforeseen);
    await expect(world.settle(lockOf(world), world.report)).rejects.toBe(unforeseen);
  });
});
