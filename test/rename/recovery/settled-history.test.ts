import { describe, expect, it } from 'vitest';
import type { UpstreamReading } from '../../../src/rename/upstream.ts';
import { answersWith, lockOf, NO_ANSWER, UNAVAILABLE } from '../queued/queued-world.ts';
import { createWorld, ITERATION_ID, reads, said } from '../world.ts';

const HOUR_MS = 3_600_000;

/** A rename to `v2` without an answer, whose lease is over. */
async function abandoned(before: UpstreamReading = reads('Iteration 1'), world = createWorld()) {
  world.script.read = async () => before;
  world.script.rename = answersWith(NO_ANSWER);
  await world.rename('v2').catch(() => {});
  world.advance(world.timings.leaseMs);
  const lock = lockOf(world);
  return {
    world,
    settle: () => world.settle(lock, world.report),
    shows: (...readings: UpstreamReading[]) => {
      world.script.read = async () => readings.shift() ?? UNAVAILABLE;
    },
    record: () => world.record(lock.renameId),
  };
}

describe('the previous name of a rename that is found to have succeeded', () => {
  it('is what was read before it was sent, although the records tell another one', async () => {
    const world = createWorld();
    await world.rename('v1');
    const { settle, shows, record } = await abandoned(reads('by hand'), world);
    shows(reads('v2'));
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'succeeded', previousName: 'by hand', appliedName: null });
  });

  it('is what the newest succeeded record gave, where it could not be read', async () => {
    const world = createWorld();
    await world.rename('v1');
    const { settle, shows, record } = await abandoned(UNAVAILABLE, world);
    shows(reads('v2'));
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'succeeded', previousName: 'v1' });
  });

  it('is what the first look showed, where the second shows the new name', async () => {
    const { settle, shows, record } = await abandoned(UNAVAILABLE);
    shows(reads('old'), reads('v2'));
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'succeeded', previousName: 'old' });
  });

  it('is unknown where nothing tells it', async () => {
    const { settle, shows, record } = await abandoned(UNAVAILABLE);
    shows(reads('v2'));
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'succeeded', previousName: null });
  });

  it('is unknown where the records cannot be read either', async () => {
    const world = createWorld({
      log: () => ({ newestSucceeded: () => Promise.reject(new Error('the table is down')) }),
    });
    const { settle, shows, record } = await abandoned(UNAVAILABLE, world);
    shows(reads('v2'));
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'succeeded', previousName: null });
  });
});

const changedJustNow = (world: ReturnType<typeof createWorld>, name: string) =>
  reads(name, { lastModified: new Date(world.now()).toISOString(), answeredAtMs: world.now() });

describe('an iteration that shows a third name', () => {
  it('leaves the rename unresolved where somebody changed it since, with the name before', async () => {
    const { world, settle, shows, record } = await abandoned();
    const look = changedJustNow(world, 'by hand');
    shows(look, look);
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({
      status: 'unresolved',
      previousName: 'Iteration 1',
      appliedName: null,
      evidence: 'state',
    });
    expect(world.events.slice(-2)).toMatchObject([
      { event: 'rename_settled', status: 'unresolved' },
      { event: 'rename_unresolved', iterationId: ITERATION_ID, ageMs: world.timings.leaseMs + 2000 },
    ]);
  });

  it('leaves the name before unknown, where nobody has read it', async () => {
    const { world, settle, shows, record } = await abandoned(UNAVAILABLE);
    const look = changedJustNow(world, 'by hand');
    shows(look, look);
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'unresolved', previousName: null });
  });

  it('was not renamed where it is as the newest succeeded rename left it', async () => {
    const world = createWorld();
    const lastModified = new Date(world.now() + 5).toISOString();
    const left = { id: ITERATION_ID, name: 'v1', lastModified };
    world.script.rename = async () => ({
      ...said,
      kind: 'renamed',
      status: 200,
      appliedName: 'v1',
      iteration: left,
    });
    await world.rename('v1');
    const { settle, shows, record } = await abandoned(UNAVAILABLE, world);
    const look = reads('v1', { lastModified, answeredAtMs: world.now() });
    shows(look, look);
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'not_applied', previousName: 'v1' });
    expect(world.events.map(({ event }) => event)).not.toContain('rename_unresolved');
  });
});

it('a state that proves nothing by itself is compared with what the newest succeeded rename left', async () => {
  const world = createWorld();
  const lastModified = new Date(world.now() + 5).toISOString();
  const iteration = { id: ITERATION_ID, name: 'v1', lastModified };
  world.script.rename = async () => ({ ...said, kind: 'renamed', status: 200, appliedName: 'v1', iteration });
  await world.rename('v1');
  const { settle, shows, record } = await abandoned(UNAVAILABLE, world);
  const look: UpstreamReading = { kind: 'iteration', iteration, answeredAtMs: null };
  shows(look, look);
  expect(await settle()).toBe(true);
  expect(record()).toMatchObject({ status: 'not_applied', previousName: 'v1' });
});

describe('an iteration that cannot be read', () => {
  it('keeps the rename pending for a day from the first look, then it is unresolved', async () => {
    const { world, settle, shows, record } = await abandoned();
    shows();
    world.advance(HOUR_MS);
    expect(await settle()).toBe(false);
    world.advance(24 * HOUR_MS - 1);
    expect(await settle()).toBe(false);
    expect(record()).toMatchObject({ status: 'pending' });
    world.advance(1);
    expect(await settle()).toBe(true);
    expect(record()).toMatchObject({ status: 'unresolved', previousName: 'Iteration 1', evidence: null });
  });

  it('is looked at once more only where the first look shows another name', async () => {
    const { world, settle, shows } = await abandoned();
    const startedMs = world.now();
    shows(reads('v2'));
    expect(await settle()).toBe(true);
    expect(world.now() - startedMs).toBe(0);
  });
});

it('keeps the iteration for a repeat of the request only where the rename succeeded', async () => {
  const { world, settle, shows } = await abandoned();
  shows(reads('old'), reads('old'));
  expect(await settle()).toBe(true);
  expect([...world.claims.values()].map(({ iteration }) => iteration)).toEqual([null]);
});
