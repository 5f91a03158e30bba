import { describe, expect, it } from 'vitest';
import type { UpstreamAnswer, UpstreamReading } from '../../../src/rename/upstream.ts';
import { PROMISED_AT, queuedRename } from './sample-queued-rename.ts';
import { createWorld, ITERATION_ID, reads, renamed } from '../world.ts';

const HOUR_MS = 3600 * 1000;

type World = ReturnType<typeof createWorld>;

const carryOut = (world: World, queued = queuedRename(), isFirstDelivery = true) =>
  world.carryOut({ queued, isFirstDelivery, report: world.report });
const lockOf = ({ locks }: World) => {
  const lock = locks.get(ITERATION_ID);
  if (lock === undefined) throw new Error('the iteration is not locked');
  return lock;
};
const onlyRecord = (world: World) => {
  expect(world.records()).toHaveLength(1);
  return world.record(queuedRename().renameId);
};

const NO_ANSWER: UpstreamAnswer = { kind: 'no_answer', attempts: 1, requestId: null };
const UNREACHABLE: UpstreamAnswer = { kind: 'not_sent', reason: 'unreachable', attempts: 0, requestId: null };
const refusal = (status: number) => ({ status, code: 'Code', message: 'Words.' });
const REFUSED: UpstreamAnswer = { kind: 'refused', refusal: refusal(400), attempts: 1, requestId: null };
const THROTTLED: UpstreamAnswer = {
  kind: 'throttled',
  refusal: refusal(429),
  retryAfterMs: 7000,
  attempts: 1,
  requestId: null,
};
const answersWith = (answer: UpstreamAnswer) => async () => answer;
const UNAVAILABLE: UpstreamReading = { kind: 'unavailable' };

describe('a queued rename', () => {
  it('is recorded under the id that was accepted, as requested when it was accepted', async () => {
    const world = createWorld();
    world.advance(90_000);
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(onlyRecord(world)).toMatchObject({
      status: 'succeeded',
      requestedAt: PROMISED_AT,
      trigger: 'webhook',
      caller: { id: 'webhook:registry' },
      previousName: 'Iteration 1',
      durationMs: 90_000,
    });
    expect(world.locks.size).toBe(0);
  });

  it('has one effect however often its message comes', async () => {
    const world = createWorld();
    for (let times = 0; times < 5; times += 1) expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1']);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });

  it('has one effect when its messages come together', async () => {
    const world = createWorld();
    const results = await Promise.all(Array.from({ length: 10 }, () => carryOut(world)));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['done', ...Array(9).fill('duplicate')]);
    expect(world.sent).toEqual(['Release 1']);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });

  it('that the upstream refuses ends as rejected, and is not tried again', async () => {
    const world = createWorld();
    world.script.rename = answersWith(REFUSED);
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(onlyRecord(world)).toMatchObject({ status: 'rejected', upstreamStatus: 400 });
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
  });

  it('waits while the iteration is being renamed by somebody else, and uses up no try', async () => {
    const world = createWorld();
    const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => promise;
    const other = world.rename('Other');
    await Promise.resolve();
    expect(await carryOut(world)).toMatchObject({ kind: 'requeue', reason: 'iteration_busy' });
    resolve(renamed('Other'));
    await other;
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Other', 'Release 1']);
  });

  it('settles an abandoned rename that stands in its way', async () => {
    const world = createWorld();
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(
      world
        .records()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['not_applied', 'succeeded']);
  });
});

describe('a try that provably changed nothing', () => {
  it.each([
    { case: 'the upstream not reached', answer: UNREACHABLE, code: 'upstream_unreachable' },
    {
      case: 'no training key',
      answer: { ...UNREACHABLE, reason: 'training_key_unavailable' } as const,
      code: 'training_key_unavailable',
    },
  ])('is used up and leaves the record pending: $case', async ({ answer, code }) => {
    const world = createWorld();
    world.script.rename = answersWith(answer);
    await expect(carryOut(world)).rejects.toMatchObject({ code });
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
  });

  it.each([
    {
      case: 'its key or network',
      message: 'Access denied due to invalid subscription key.',
      delayMs: 60_000,
    },
    {
      case: 'its quota',
      message: 'Out of call volume quota. Quota will be replenished in 2 days.',
      delayMs: 3_600_000,
    },
  ])('is made again later where the upstream refuses the app: $case', async ({ message, delayMs }) => {
    const world = createWorld();
    const refused = { ...refusal(403), message };
    world.script.rename = answersWith({
      kind: 'access_refused',
      refusal: refused,
      attempts: 1,
      requestId: null,
    });
    expect(await carryOut(world)).toEqual({ kind: 'requeue', delayMs, reason: 'access_refused' });
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
    expect(world.events).toContainEqual({
      event: 'upstream_access_refused',
      resource: 'default',
      upstreamStatus: 403,
      upstreamCode: refused.code,
      upstreamMessage: message,
    });
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });

  it('is followed by the next without any wait', async () => {
    const world = createWorld();
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded', previousName: 'Iteration 1' });
  });

  it('is followed by a PATCH of its own where the iteration has the name by now: somebody else gave it', async () => {
    const world = createWorld();
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world)).toMatchObject({ kind: 'requeue' });
    world.advance(7000);
    world.script.read = async () => reads('Release 1');
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded', evidence: 'response' });
  });

  it('is not used up where the upstream asks for a pause, which is kept', async () => {
    const world = createWorld();
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world)).toEqual({ kind: 'requeue', delayMs: 7000, reason: 'upstream_throttled' });
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
    expect(await carryOut(world, queuedRename(), false)).toEqual({
      kind: 'requeue',
      delayMs: 7000,
      reason: 'throttled',
    });
  });

  it('is not used up where this instance has sent too many', async () => {
    const world = createWorld();
    world.rateLimit.pauseFor('default', 60_000);
    expect(await carryOut(world)).toEqual({ kind: 'requeue', delayMs: 60_000, reason: 'throttled' });
    world.advance(60_000);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1']);
  });

  it('is not made before its turn, where that is near', async () => {
    const world = createWorld();
    world.rateLimit.pauseFor('default', 3000);
    const startedMs = world.now();
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(world.now() - startedMs).toBeGreaterThanOrEqual(3000);
  });

  it('is used up after a day of waiting, so that the message ends', async () => {
    const world = createWorld();
    world.advance(24 * HOUR_MS);
    world.rateLimit.pauseFor('default', 60_000);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'throttled' });
  });
});

async function worldInDoubt() {
  const world = createWorld();
  world.script.rename = answersWith(NO_ANSWER);
  await expect(carryOut(world)).rejects.toMatchObject({ code: 'outcome_unknown' });
  world.script.rename = async (name) => renamed(name);
  return world;
}

describe('a try whose outcome is not known', () => {
  it('is not followed by another while it may still be under way', async () => {
    const world = await worldInDoubt();
    world.advance(10_000);
    expect(await carryOut(world, queuedRename(), false)).toEqual({
      kind: 'requeue',
      delayMs: world.timings.leaseMs - 10_000,
      reason: 'idempotency_key_in_flight',
    });
    expect(world.sent).toHaveLength(1);
  });

  it('ends as succeeded, without another PATCH, where the iteration shows the name', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('Release 1');
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded', evidence: 'state' });
  });

  it('is followed by another where the iteration shows that it was not heard', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded', evidence: 'response' });
  });

  it('is not followed by another where a second look, some seconds later, shows the name after all', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const looks = [reads('Iteration 1'), reads('Release 1')];
    world.script.read = async () => looks.shift() ?? UNAVAILABLE;
    const startedMs = world.now();
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    expect(world.now() - startedMs).toBeGreaterThanOrEqual(2000);
    expect(world.sent).toHaveLength(1);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded', evidence: 'state' });
  });

  it('is not followed by another while only one look tells anything', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const looks = [reads('Iteration 1'), UNAVAILABLE];
    world.script.read = async () => looks.shift() ?? UNAVAILABLE;
    await expect(carryOut(world, queuedRename(), false)).rejects.toMatchObject({
      code: 'upstream_unreachable',
    });
    expect(world.sent).toHaveLength(1);
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
  });

  it('is followed by one other, however many see it at once', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    const lock = lockOf(world);
    await Promise.all([
      carryOut(world, queuedRename(), false),
      carryOut(world, queuedRename(), false),
      world.settle(lock, world.report),
      world.settle(lock, world.report),
    ]);
    expect(world.sent).toHaveLength(2);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });

  it('cannot complete the record any more once another has taken it over', async () => {
    const world = createWorld();
    const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => promise;
    const slow = carryOut(world);
    await new Promise(setImmediate);
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, queuedRename(), false)).toEqual({ kind: 'done' });
    resolve(REFUSED);
    expect(await slow).toEqual({ kind: 'done' });
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'completion_failed' }));
  });

  it('starts the lease anew, also for a sweep that read the old one', async () => {
    const world = await worldInDoubt();
    world.advance(world.timings.leaseMs);
    world.script.rename = answersWith(NO_ANSWER);
    await expect(carryOut(world, queuedRename(), false)).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(lockOf(world).writtenAtMs).toBe(world.now());
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.sent).toHaveLength(2);
  });
});

describe('the sweep', () => {
  it('carries out a queued rename that was begun and never sent', async () => {
    const world = createWorld();
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.rename = async (name) => renamed(name);
    const lock = lockOf(world);
    expect(await world.settle(lock, world.report)).toBe(true);
    expect(world.sent).toEqual(['Release 1', 'Release 1']);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });

  it('leaves it alone while the upstream cannot be read, and calls for a person after a day', async () => {
    const world = createWorld();
    world.script.rename = answersWith(NO_ANSWER);
    world.script.read = async () => UNAVAILABLE;
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'outcome_unknown' });
    const lock = lockOf(world);
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lock, world.report)).toBe(false);
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
    world.advance(24 * HOUR_MS);
    expect(await world.settle(lock, world.report)).toBe(true);
    expect(onlyRecord(world)).toMatchObject({ status: 'unresolved' });
  });

  it('does not take a rename for settled whose try it made itself, and which is still open', async () => {
    const world = createWorld();
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.advance(24 * HOUR_MS);
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
  });
});

describe('an instance that stops', () => {
  it('begins no queued rename, and leaves it to another', async () => {
    const world = createWorld();
    world.rateLimit.stop();
    expect(await carryOut(world)).toEqual({ kind: 'requeue', delayMs: 1000, reason: 'shutting_down' });
    expect(world.steps).toEqual([]);
  });

  it('takes none up again either', async () => {
    const world = createWorld();
    world.script.rename = answersWith(THROTTLED);
    expect(await carryOut(world)).toMatchObject({ kind: 'requeue' });
    world.rateLimit.stop();
    expect(await world.settle(lockOf(world), world.report)).toBe(false);
    expect(world.sent).toHaveLength(1);
  });
});

describe('a queued rename that is given up', () => {
  it('has a record, even if no try could begin one', async () => {
    const world = createWorld();
    expect(await world.giveUp(queuedRename(), world.report)).toBe(true);
    expect(onlyRecord(world)).toMatchObject({
      status: 'not_applied',
      attempts: 0,
      upstreamMessage: expect.stringContaining('Nothing was sent'),
    });
    expect(await carryOut(world)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual([]);
  });

  it('has its record although somebody else holds the iteration', async () => {
    const world = createWorld();
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await world.giveUp(queuedRename(), world.report)).toBe(true);
    expect(world.record(queuedRename().renameId)).toMatchObject({ status: 'not_applied' });
    expect(world.locks.size).toBe(1);
  });

  it('says why, where every try is known to have changed nothing', async () => {
    const world = createWorld();
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.read = async () => UNAVAILABLE;
    expect(await world.giveUp(queuedRename(), world.report)).toBe(true);
    expect(onlyRecord(world)).toMatchObject({
      status: 'not_applied',
      upstreamMessage: expect.stringContaining('unreachable'),
    });
    expect(world.locks.size).toBe(0);
  });

  it.each([
    { shows: 'Release 1', status: 'succeeded' },
    { shows: 'Iteration 1', status: 'not_applied' },
  ])(
    'ends as $status where it may have been heard and the iteration shows "$shows"',
    async ({ shows, status }) => {
      const world = createWorld();
      world.script.rename = answersWith(NO_ANSWER);
      await expect(carryOut(world)).rejects.toMatchObject({ code: 'outcome_unknown' });
      world.advance(world.timings.leaseMs);
      world.script.read = async () => reads(shows);
      expect(await world.giveUp(queuedRename(), world.report)).toBe(true);
      expect(onlyRecord(world)).toMatchObject({ status, evidence: 'state' });
      expect(world.sent).toHaveLength(1);
    },
  );

  it('is found out by the sweep where the upstream is still away, and never sent again', async () => {
    const world = createWorld();
    world.script.rename = answersWith(NO_ANSWER);
    await expect(carryOut(world)).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.advance(world.timings.leaseMs);
    world.script.read = async () => UNAVAILABLE;
    expect(await world.giveUp(queuedRename(), world.report)).toBe(false);
    expect(onlyRecord(world)).toMatchObject({ status: 'pending' });
    world.script.read = async () => reads('Iteration 1');
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(onlyRecord(world)).toMatchObject({ status: 'not_applied', evidence: 'state' });
    expect(world.sent).toHaveLength(1);
  });

  it('keeps the record that it has, where that has ended', async () => {
    const world = createWorld();
    await carryOut(world);
    expect(await world.giveUp(queuedRename(), world.report)).toBe(true);
    expect(onlyRecord(world)).toMatchObject({ status: 'succeeded' });
  });
});
