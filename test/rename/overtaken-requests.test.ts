import { describe, expect, it } from 'vitest';
import type { Lease } from '../../src/rename/audit-log.ts';
import { notAppliedOutcome } from '../../src/rename/queued/not-applied-outcome.ts';
import { acceptOne, carryOut, deliver } from './queued/queued-world.ts';
import { createWorld, errorOf, ITERATION_ID, PROJECT_ID, reads } from './world.ts';

const SETTLED: Lease = {
  projectId: PROJECT_ID,
  iterationId: ITERATION_ID,
  renameId: 'of-another-request',
  resource: 'default',
  expiresAtMs: 0,
  writtenAtMs: 0,
  isReleased: false,
  lastFailure: null,
};

/** Another rename, which has ended since, has the lock at each of the first `changes` begins. */
function overtaken(changes: number) {
  let left = changes;
  return createWorld({
    log: (log) => ({
      begin: async (...args) => ((left -= 1) < 0 ? log.begin(...args) : { kind: 'locked', lease: SETTLED }),
      readPending: async () => null,
    }),
  });
}

describe('a request that others overtake', () => {
  it('renames after three changes by others', async () => {
    const world = overtaken(3);
    expect(await world.rename('v1')).toMatchObject({ iteration: { name: 'v1' } });
    expect(world.sent).toEqual(['v1']);
  });

  it('is refused after four, to come again in a second', async () => {
    const world = overtaken(4);
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'iteration_busy', retryAfterMs: 1000 });
    expect(world.sent).toEqual([]);
  });

  it.each([
    { changes: 0, previousName: 'first' },
    { changes: 1, previousName: 'second' },
  ])('knows the name as the $changes before it left it', async ({ changes, previousName }) => {
    const world = overtaken(changes);
    const readings = ['first', 'second'];
    world.script.read = async () => reads(readings.shift() ?? 'read too often');
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId)).toMatchObject({ previousName });
  });

  it('reads the iteration anew where another rename ended while it was begun', async () => {
    const world = createWorld({
      log: (log) => ({ begin: async (...args) => ({ ...(await log.begin(...args)), contended: true }) }),
    });
    const readings = ['outdated', 'present'];
    world.script.read = async () => reads(readings.shift() ?? 'read too often');
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId)).toMatchObject({ previousName: 'present' });
  });
});

/** Its earlier rename ends without an effect at each of the first `changes` accepts. */
function overtakenDelivery(changes: number) {
  let left = changes;
  return createWorld({
    accepted: (accepted) => ({
      async accept(intent, ...args) {
        if ((left -= 1) < 0) return accepted.accept(intent, ...args);
        const record = { ...intent, ...notAppliedOutcome(intent, 'Withdrawn.', 0) };
        return { kind: 'duplicate', earlier: { record, samePayload: true, version: String(left) } };
      },
    }),
  });
}

describe('a delivery whose duplicates overtake it', () => {
  it('is accepted after two of them', async () => {
    expect(await deliver(overtakenDelivery(2))).toMatchObject({ isDuplicate: false });
  });

  it('is not claimed to be accepted after three', async () => {
    const world = overtakenDelivery(3);
    expect(await errorOf(deliver(world))).toMatchObject({ code: 'acceptance_unknown' });
    expect(world.messages).toEqual([]);
  });
});

/** Another process takes a step at each of the first `changes` begins. */
function overtakenMessage(changes: number) {
  let left = changes;
  return createWorld({
    accepted: (accepted) => ({
      begin: async (...args) => ((left -= 1) < 0 ? accepted.begin(...args) : { kind: 'changed' }),
    }),
  });
}

describe('a queued rename that others overtake', () => {
  it('is carried out after two changes', async () => {
    const world = overtakenMessage(2);
    expect(await carryOut(world, await acceptOne(world))).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
  });

  it('is done where the other process has ended it', async () => {
    const world = createWorld({
      accepted: (accepted) => ({
        async begin(one) {
          await accepted.end(one, notAppliedOutcome(one.intent, 'Given up.', 0));
          return { kind: 'changed' };
        },
      }),
    });
    expect(await carryOut(world, await acceptOne(world))).toEqual({ kind: 'done' });
    expect(world.sent).toEqual([]);
  });

  it('waits for a second after three, and nothing is sent', async () => {
    const world = overtakenMessage(3);
    expect(await carryOut(world, await acceptOne(world))).toEqual({
      kind: 'requeue',
      delayMs: 1000,
      reason: 'iteration_busy',
    });
    expect(world.sent).toEqual([]);
  });
});
