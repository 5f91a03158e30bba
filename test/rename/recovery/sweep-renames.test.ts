import { describe, expect, it } from 'vitest';
import { createSweepRenames } from '../../../src/rename/recovery/sweep-renames.ts';
import type { UpstreamAnswer } from '../../../src/rename/upstream.ts';
import { createWorld, PROJECT_ID, reads, renamed } from '../world.ts';

const NO_ANSWER: UpstreamAnswer = { kind: 'no_answer', attempts: 1, requestId: null };
const NOT_REACHED: UpstreamAnswer = { kind: 'not_sent', reason: 'unreachable', attempts: 0, requestId: null };
const MINUTE_MS = 60_000;
const iterationId = (index: number) => `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`;

type World = ReturnType<typeof createWorld>;

const requestFor = (index: number) => ({
  resource: 'default',
  endpointHost: 'japaneast.api.cognitive.microsoft.com',
  apiVersion: 'v3.2',
  projectId: PROJECT_ID,
  iterationId: iterationId(index),
  name: 'v1',
});

const sweepOf = (world: World) =>
  createSweepRenames({
    unfinished: {
      async *projects() {
        yield PROJECT_ID;
      },
      async *locksOf() {
        for (const lease of world.leases()) yield lease; // as they stand now
      },
    },
    settle: world.settle,
    monotonic: world.now,
    sleep: world.sleep,
  });

/** Renames that were sent and never answered, and queued ones, of which every other one was put down. */
async function worldWithStuck({ synchronous = 0, queued = 0 }): Promise<World> {
  const world = createWorld();
  world.script.rename = async () => NO_ANSWER;
  for (let index = 0; index < synchronous; index += 1)
    await world.rename('v1', { request: requestFor(index) }).catch(() => {});
  for (let index = synchronous; index < synchronous + queued; index += 1) {
    world.script.rename = async () => (index % 2 === 0 ? NO_ANSWER : NOT_REACHED);
    const message = {
      renameId: `8232767999999-aaaaaaaa${String(index).padStart(2, '2')}`,
      request: requestFor(index),
      caller: { kind: 'webhook', id: 'webhook:registry', name: null },
      trigger: 'webhook',
      requestedAt: new Date(world.now()).toISOString(),
      traceparent: null,
      traceId: null,
      requeues: 0,
    } as const;
    await world.carryOut({ queued: message, isFirstDelivery: true, report: world.report }).catch(() => {});
  }
  expect(world.locks.size).toBe(synchronous + queued);
  world.script.rename = async (name) => renamed(name);
  world.advance(world.timings.leaseMs);
  return world;
}

const statuses = (world: World) => world.records().map(({ status }) => status);
const settledIn = ({ events }: World) => events.filter(({ event }) => event === 'rename_settled');

describe('a sweep', () => {
  it('leaves a queued rename whose access was refused to its message, for two hours', async () => {
    const world = await worldWithStuck({ queued: 0 });
    const refusal = { status: 403, code: 'Forbidden', message: 'Out of call volume quota.' };
    world.script.rename = async () => ({ kind: 'access_refused', refusal, attempts: 1, requestId: null });
    const queued = {
      renameId: '8232767999999-aaaaaaaaaa',
      request: requestFor(1),
      caller: { kind: 'webhook', id: 'webhook:registry', name: null },
      trigger: 'webhook',
      requestedAt: new Date(world.now()).toISOString(),
      traceparent: null,
      traceId: null,
      requeues: 0,
    } as const;
    await world.carryOut({ queued, isFirstDelivery: true, report: world.report });
    expect(world.sent).toHaveLength(1);
    world.script.rename = async (name) => renamed(name);
    world.advance(2 * 60 * MINUTE_MS - 1000);
    await sweepOf(world)(world.report);
    expect(statuses(world)).toEqual(['pending']);
    world.advance(MINUTE_MS);
    await sweepOf(world)(world.report); // the message was lost
    expect(statuses(world)).toEqual(['succeeded']);
  });

  it('calls the upstream no more than twice a second, whatever it settles and carries out', async () => {
    const world = await worldWithStuck({ synchronous: 5, queued: 6 });
    const calledAtMs: number[] = [];
    world.script.read = async () => {
      calledAtMs.push(world.now());
      return reads('old');
    };
    world.script.rename = async (name) => {
      calledAtMs.push(world.now());
      return renamed(name);
    };
    await sweepOf(world)(world.report);
    expect(world.locks.size).toBe(0);
    expect(calledAtMs.length).toBeGreaterThanOrEqual(5 * 2 + 6 * 2);
    const inSecondFrom = (fromMs: number) =>
      calledAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1000).length;
    expect(Math.max(...calledAtMs.map(inSecondFrom))).toBeLessThanOrEqual(2);
  });

  it('leaves alone what is younger than the quarantine', async () => {
    const world = await worldWithStuck({ synchronous: 2 });
    world.advance(-1);
    await sweepOf(world)(world.report);
    expect(statuses(world)).toEqual(['pending', 'pending']);
  });

  it('ends in time for the next, which goes on where it stopped: nobody waits behind what cannot be settled', async () => {
    const world = await worldWithStuck({ synchronous: 30 });
    const awayUntil = iterationId(20);
    world.script.read = async (target) => {
      if (target.iterationId >= awayUntil) return reads('old');
      world.advance(world.timings.upstreamTimeoutMs);
      return { kind: 'unavailable' };
    };
    const sweep = sweepOf(world);
    for (let sweeps = 0; sweeps < 8; sweeps += 1) {
      const startedMs = world.now();
      await sweep(world.report);
      expect(world.now() - startedMs).toBeLessThanOrEqual(MINUTE_MS + 2 * world.timings.upstreamTimeoutMs);
      world.advance(Math.max(0, MINUTE_MS - (world.now() - startedMs)));
    }
    expect(statuses(world)).toEqual([...Array(20).fill('pending'), ...Array(10).fill('not_applied')]);
  });

  it('goes on where one of them cannot be settled, and says how many', async () => {
    const world = await worldWithStuck({ synchronous: 3 });
    world.script.read = async (target) => {
      if (target.iterationId === iterationId(1)) throw new Error('nobody foresaw this');
      return reads('v1');
    };
    await sweepOf(world)(world.report);
    expect(statuses(world)).toEqual(['succeeded', 'pending', 'succeeded']);
    expect(world.events.at(-1)).toMatchObject({ event: 'sweep_completed', locks: 3, settled: 2, failed: 1 });
  });

  it('is harmless beside many others: each rename is settled once, and each queued one sent once more', async () => {
    const world = await worldWithStuck({ synchronous: 4, queued: 4 });
    const sentBefore = world.sent.length;
    world.script.read = async () => reads('old');
    const sweeps = Array.from({ length: 6 }, () => sweepOf(world));
    // Their waits add up on the one clock of this world, so that each may have to come again.
    for (let minutes = 0; minutes < 5; minutes += 1)
      await Promise.all(sweeps.map((sweep) => sweep(world.report)));
    expect(statuses(world)).toEqual([...Array(4).fill('not_applied'), ...Array(4).fill('succeeded')]);
    expect(settledIn(world)).toHaveLength(4);
    expect(world.sent.length - sentBefore).toBe(4);
    expect(world.locks.size).toBe(0);
  });
});
