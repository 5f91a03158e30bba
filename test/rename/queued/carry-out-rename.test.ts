import { describe, expect, it } from 'vitest';
import type { UpstreamAnswer } from '../../../src/rename/upstream.ts';
import { createWorld, PROJECT_ID, renamed } from '../world.ts';
import {
  acceptOne,
  answersWith,
  carryOut,
  HOUR_MS,
  lockOf,
  NO_ANSWER,
  REFUSED,
  THROTTLED,
  UNREACHABLE,
} from './queued-world.ts';

describe('a queued rename', () => {
  it('ends the record that was accepted, as requested when it was accepted', async () => {
    const world = createWorld();
    const requestedAt = new Date(world.now()).toISOString();
    const pointer = await acceptOne(world);
    world.advance(90_000);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([
      {
        renameId: pointer.renameId,
        status: 'succeeded',
        requestedAt,
        trigger: 'webhook',
        caller: { id: 'webhook:registry' },
        previousName: 'Iteration 1',
        durationMs: 90_000,
      },
    ]);
    expect(world.locks.size).toBe(0);
    expect(world.waiting.size).toBe(0);
  });

  it('begins its record before anything is sent', async () => {
    const world = createWorld();
    await carryOut(world, await acceptOne(world));
    expect(world.steps).toEqual(['accept', 'begin', 'patch', 'complete']);
  });

  it('has one effect however often its message comes', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    for (let times = 0; times < 5; times += 1)
      expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('has one effect when its messages come together', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    const results = await Promise.all(Array.from({ length: 10 }, () => carryOut(world, pointer)));
    expect(results).toContainEqual({ kind: 'done' });
    expect(results.filter(({ kind }) => kind === 'dropped')).toEqual([]);
    expect(world.sent).toEqual(['Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('that the upstream refuses ends as rejected, and is not retried', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(REFUSED);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'rejected', upstreamStatus: 400 }]);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toHaveLength(1);
  });

  it('waits while another request renames the iteration, without counting an attempt', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => promise;
    const other = world.rename('Other');
    await new Promise(setImmediate);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue', reason: 'iteration_busy' });
    expect(world.steps.filter((step) => step === 'begin')).toHaveLength(2); // the other's, and one of its own
    resolve(renamed('Other'));
    await other;
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.sent).toEqual(['Other', 'Release 1']);
  });

  it('settles an abandoned rename that stands in its way', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(
      world
        .records()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['not_applied', 'succeeded']);
  });

  it('that waits is not taken for lost: its index is touched', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.advance(HOUR_MS);
    world.rateLimit.pauseFor('default', HOUR_MS);
    expect(await carryOut(world, pointer)).toMatchObject({ kind: 'requeue' });
    expect(world.waiting.get(pointer.renameId)).toBe(world.now());
  });
});

describe('a message is not believed', () => {
  it('that points to no record is dropped: nothing is read upstream, sent or recorded', async () => {
    const world = createWorld();
    world.script.read = () => Promise.reject(new Error('the iteration was read'));
    const pointer = { projectId: PROJECT_ID, renameId: '8232767999999-aaaaaaaaaa' };
    expect(await carryOut(world, pointer)).toEqual({ kind: 'dropped' });
    expect({ sent: world.sent, records: world.records() }).toEqual({ sent: [], records: [] });
  });

  it('that points to a synchronous rename is dropped: only its caller may send that again', async () => {
    const world = createWorld();
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.rename('Other')).rejects.toMatchObject({ code: 'outcome_unknown' });
    const [record] = world.records();
    const pointer = { projectId: PROJECT_ID, renameId: record?.renameId ?? '' };
    world.script.rename = async (name) => renamed(name);
    world.advance(world.timings.leaseMs);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'dropped' });
    expect(await world.giveUp(pointer, world.report)).toBe(true);
    expect(world.sent).toEqual(['Other']);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'not_applied', evidence: 'state' }]);
  });
});

const WITHDRAWN = 'No grant allows webhook:registry this rename any more.';

describe('a rename that is forbidden by the time it is carried out', () => {
  it('ends as not applied with the reason: nothing is sent, and no lock is left', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.refusal = WITHDRAWN;
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([
      { status: 'not_applied', upstreamMessage: WITHDRAWN, attempts: 0, evidence: null },
    ]);
    expect([world.sent.length, world.locks.size, world.waiting.size]).toEqual([0, 0, 0]);
  });

  it.each([
    { case: 'released', answer: THROTTLED, waitMs: 7000 },
    { case: 'in doubt', answer: NO_ANSWER, waitMs: 30_000 },
  ])('is not sent again either where an attempt left it $case', async ({ answer, waitMs }) => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(answer);
    await carryOut(world, pointer).catch(() => {});
    world.script.refusal = WITHDRAWN;
    world.advance(waitMs);
    expect(await carryOut(world, pointer)).toEqual({ kind: 'done' });
    expect(world.records()).toMatchObject([{ status: 'not_applied', upstreamMessage: WITHDRAWN }]);
    expect(world.sent).toHaveLength(1);
  });

  it('is not sent by the sweep', async () => {
    const world = createWorld();
    const pointer = await acceptOne(world);
    world.script.rename = answersWith(UNREACHABLE);
    await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    world.script.rename = async (name) => renamed(name);
    world.script.refusal = WITHDRAWN;
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'not_applied', upstreamMessage: WITHDRAWN }]);
    expect(world.sent).toHaveLength(1);
  });
});
