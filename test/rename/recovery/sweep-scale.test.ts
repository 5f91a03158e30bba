import { describe, expect, it } from 'vitest';
import { reads } from '../world.ts';
import { createSweepWorld, MINUTE_MS, requestOf, sweepEachMinute, worldWithStuck } from './sweep-world.ts';

const LISTED_PROJECTS = 10_000;
const QUERY_MS = 3;
const uuidOf = (index: number) => `99999999-9999-4999-8999-${String(index).padStart(12, '0')}`;

it('a sweep over 10,000 listed projects, at 3 ms a query, settles what is due', async () => {
  const world = await worldWithStuck({ synchronous: 40 });
  world.script.read = async () => reads('v1');
  for (let index = 0; index < LISTED_PROJECTS; index += 1) world.active.add(uuidOf(index));
  const isDone = () => world.locks.size === 0;
  const startedMs = world.now();
  const sweep = world.createSweep({
    async *leasesOf(id) {
      await world.time.sleep(QUERY_MS);
      yield* world.unfinished.leasesOf(id);
    },
    async *acceptedOf(id) {
      await world.time.sleep(QUERY_MS);
      yield* world.unfinished.acceptedOf(id);
    },
  });
  await world.time.run(() => sweep(world.report));
  expect(isDone()).toBe(true);
  const { projects } = Object(world.events.at(-1));
  const tookSeconds = (world.now() - startedMs) / 1000;
  process.stdout.write(`one sweep listed ${projects} projects and settled 40 renames in ${tookSeconds} s\n`);
  expect(projects).toBe(LISTED_PROJECTS + 2);
  expect(tookSeconds).toBeLessThan(60);
});

it('a sweep that cannot list all projects in time settles what it found, and the next goes on behind', async () => {
  const world = createSweepWorld();
  const listed = new Set<string>();
  for (let index = 0; index < 1000; index += 1) world.active.add(uuidOf(index));
  const sweep = world.createSweep({
    async *leasesOf(id) {
      await world.time.sleep(300);
      listed.add(id);
      yield* world.unfinished.leasesOf(id);
    },
  });
  const startedMs = world.now();
  await world.time.run(async () => {
    await sweep(world.report);
    expect(world.now() - startedMs).toBeLessThan(MINUTE_MS / 2);
    expect(listed.size).toBeLessThan(1000);
    await sweep(world.report);
  });
  expect(listed.size).toBe(1000);
});

describe('1,000 stuck renames across 50 projects', () => {
  it.each([
    { case: 'calls at once', latencyMs: 0 },
    { case: 'calls of a second', latencyMs: 1000 },
    { case: 'calls that take almost their whole timeout', latencyMs: 9900 },
  ])('are settled in at most 20 minutes at 2 calls a second: $case', async ({ latencyMs }) => {
    const world = await worldWithStuck({ synchronous: 1000 });
    expect(new Set(world.leases().map(({ projectId }) => projectId)).size).toBe(50);
    let calls = 0;
    world.script.read = async () => {
      calls += 1;
      await world.time.sleep(latencyMs);
      return reads('Iteration 1');
    };
    const tookMs = await sweepEachMinute(world, () => world.locks.size === 0, 60);
    expect(new Set(world.statuses())).toEqual(new Set(['not_applied']));
    const perSecond = (1000 * calls) / tookMs;
    process.stdout.write(
      `1,000 stuck renames, calls of ${latencyMs} ms: settled in ${(tookMs / MINUTE_MS).toFixed(1)} min, ${perSecond.toFixed(2)} calls a second\n`,
    );
    expect(tookMs).toBeLessThanOrEqual(20 * MINUTE_MS);
    expect(perSecond).toBeLessThanOrEqual(2);
  });

  it('do not delay the renames of another resource', async () => {
    const world = await worldWithStuck({ synchronous: 1000 });
    const other = { ...requestOf(5000), resource: 'other' };
    world.script.rename = async () => ({ kind: 'no_answer', attempts: 1, requestId: null });
    await world.time.run(() => world.rename('v1', { request: other }).catch(() => {}));
    world.active.add(other.projectId);
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('Iteration 1');
    await world.time.run(() => world.createSweep()(world.report));
    expect(world.records().find(({ resource }) => resource === 'other')).toMatchObject({
      status: 'not_applied',
    });
  });
});
