import { describe, expect, it } from 'vitest';
import type { UpstreamReading } from '../../../src/rename/upstream.ts';
import { createWorld, reads, renamed } from '../world.ts';
import {
  acceptOne,
  answersWith,
  carryOut,
  HOUR_MS,
  KEY_REFUSED,
  lockOf,
  NO_ANSWER,
  THROTTLED,
  UNREACHABLE,
  worldInDoubt,
} from './queued-world.ts';

const READ_THROTTLED: UpstreamReading = { kind: 'throttled', retryAfterMs: 7000 };

describe('an attempt that provably changed nothing', () => {
  it.each([
    { case: 'the upstream not reached', answer: UNREACHABLE, code: 'upstream_unreachable' },
    {
      case: 'no training key',
      answer: { ...UNREACHABLE, reason: 'training_key_unavailable' } as const,
      code: 'training_key_unavailable',
    },
  ])('is counted and leaves the record pending: $case', async ({ answer, code }) => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(answer);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code });
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('is made again a minute later where the upstream refuses the app itself, and not counted', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(KEY_REFUSED);
    expect(await carryOut(world, pointer)).toEqual({
      kind: 'requeue',
      delayMs: 60_000,
      reason: 'access_refused',
    });
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    expect(world.events).toContainEqual(
      expect.objectContaining({ event: 'upstream_access_refused', resource: 'default' }),
    );
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
  });

  it('is followed by the next without any wait', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'succeeded', previousName: 'Iteration 1' }]);
  });

  it('is followed by a PATCH of its own where another request gave the iteration the name meanwhile', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue' });
    world.advance(7000);
    world.script.read = async () => reads('Release 1');
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded', evidence: 'response' }]);
  });

  it.each<{ iteration: string; reading: UpstreamReading; previousName: string | null }>([
    { iteration: 'is as it was', reading: reads('Iteration 1'), previousName: 'Iteration 1' },
    { iteration: 'is gone', reading: { kind: 'absent' }, previousName: null },
  ])(
    'is the last where the grant was withdrawn meanwhile, and the iteration $iteration',
    async ({ reading, previousName }) => {
      const world = createWorld();
      const pointer = await acceptOne(world);
      world.script.rename = answersWith(THROTTLED);
      expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue' });
      world.advance(7000);
      world.script.refusal = 'The grant was withdrawn.';
      world.script.read = async () => reading;
      expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
      expect(world.sent).toHaveLength(1);
      expect(world.records()).toMatchObject([
        { status: 'not_applied', previousName, upstreamMessage: 'The grant was withdrawn.' },
      ]);
    },
  );

  it.each(['find', 'begin'] as const)('fails where the audit log is not available to %s', async (step) => {
    const world = createWorld({
      accepted: () => ({ [step]: () => Promise.reject(new Error('the table is down')) }),
    });
    const pointer = await acceptOne(world);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(world.sent).toEqual([]);
  });
});

describe('a throttled attempt', () => {
  it('is not counted where the upstream asks for a pause, which is kept', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world, pointer)).toEqual({
      kind: 'requeue',
      delayMs: 7000,
      reason: 'upstream_throttled',
    });
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 7000 });
  });

  it('is not counted where this instance has sent too many', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.rateLimit.pauseFor('default', 60_000);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'requeue', delayMs: 60_000, reason: 'throttled' });
    world.advance(60_000);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1']);
  });

  it('is requeued for at most a minute, or the sweep would take its message for lost', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.rateLimit.pauseFor('default', HOUR_MS);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', delayMs: 60_000 });
  });

  it('is not made before its turn, where that is near', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.rateLimit.pauseFor('default', 3000);
    const startedMs = world.now();
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.now() - startedMs).toBeGreaterThanOrEqual(3000);
  });

  it('is not counted where a look at a released rename is throttled', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue' });
    world.script.read = async () => READ_THROTTLED;
    world.advance(7000);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', reason: 'upstream_throttled' });
    expect(world.sent).toHaveLength(1);
  });

  it.each(['first', 'second'])('is not counted where the %s of two looks is throttled', async (which) => {
    const { world, pointer } = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const looks = which === 'first' ? [READ_THROTTLED] : [reads('Iteration 1'), READ_THROTTLED];
    world.script.read = async () => looks.shift() ?? READ_THROTTLED;
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', reason: 'upstream_throttled' });
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });

  it('is made after all once the upstream allows it, after hours of refusals wherever it is asked', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(NO_ANSWER);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.script.read = async () => READ_THROTTLED;
    world.script.rename = answersWith(THROTTLED);
    for (const endMs = world.now() + 20 * HOUR_MS; world.now() < endMs;) {
      const result = await carryOut(world, pointer);
      if (result.kind !== 'requeue') throw new Error(`an attempt was counted: ${result.kind}`);
      world.advance(result.delayMs);
    }
    world.script.read = async () => reads('Iteration 1');
    world.script.rename = async (name) => renamed(name);
    world.advance(world.timings.leaseMs);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('is counted after a day of waiting, so that the message ends', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.advance(24 * HOUR_MS);
    world.rateLimit.pauseFor('default', HOUR_MS);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'throttled' });
  });
});

describe('an instance that stops', () => {
  it('begins no queued rename, and leaves it to another', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.rateLimit.stop();
    expect(await carryOut(world, pointer)).toEqual({
      kind: 'requeue',
      delayMs: 1000,
      reason: 'shutting_down',
    });
    expect(world.steps).toEqual(['accept']);
  });

  it('resumes none either', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue' });
    world.rateLimit.stop();
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.sent).toHaveLength(1);
  });
});
