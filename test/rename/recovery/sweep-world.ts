import { expect } from 'vitest';
import type { Lease } from '../../../src/rename/audit-log.ts';
import type { RenamePointer } from '../../../src/rename/queued/queued-rename.ts';
import type { UnfinishedRenames } from '../../../src/rename/recovery/find-work.ts';
import { createSweepRenames } from '../../../src/rename/recovery/sweep-renames.ts';
import { acceptOne, answersWith, carryOut, NO_ANSWER, UNREACHABLE } from '../queued/queued-world.ts';
import { createVirtualTime } from '../virtual-time.ts';
import { createWorld, PROJECT_ID, renamed, requestFor } from '../world.ts';

export const MINUTE_MS = 60_000;
const ITERATIONS_OF_PROJECT = 20;

const numbered = (id: string, index: number) => id.slice(0, -12) + String(index).padStart(12, '0');
export const iterationId = (index: number) => numbered('22222222-2222-4222-8222-222222222222', index);
export const projectId = (index: number) => numbered(PROJECT_ID, Math.floor(index / ITERATIONS_OF_PROJECT));

export const requestOf = (index: number) => ({
  ...requestFor('v1'),
  projectId: projectId(index),
  iterationId: iterationId(index),
});

/** A world on a virtual clock, whose index of unfinished work the sweep reads. */
export function createSweepWorld() {
  const time = createVirtualTime();
  const world = createWorld({ time });
  const active = new Set<string>();
  const unfinished: UnfinishedRenames = {
    async *activeProjects() {
      yield* [...active].toSorted();
    },
    async *leasesOf(id) {
      yield* world.leases().filter((lease: Lease) => lease.projectId === id); // as they stand now
    },
    async *acceptedOf(id) {
      for (const [renameId, touchedAtMs] of world.waiting) {
        const pointer: RenamePointer = { projectId: world.record(renameId).projectId, renameId };
        if (pointer.projectId === id) yield { ...pointer, touchedAtMs };
      }
    },
    keepActive: async (id) => void active.add(id),
    touch: (pointer) => world.accepted.touch(pointer),
  };
  return {
    ...world,
    time,
    active,
    unfinished,
    createSweep: (more: Partial<UnfinishedRenames> = {}) =>
      createSweepRenames({
        unfinished: { ...unfinished, ...more },
        queue: world.queue,
        settle: world.settle,
        timings: world.timings,
        monotonic: time.now,
        sleep: time.sleep,
      }),
    statuses: () => world.records().map(({ status }) => status),
  };
}

export type SweepWorld = ReturnType<typeof createSweepWorld>;

/** Renames that were sent and never answered, and queued ones, of which every other one was released. */
export async function worldWithStuck({ synchronous = 0, queued = 0 }): Promise<SweepWorld> {
  const world = createSweepWorld();
  await world.time.run(async () => {
    for (let index = 0; index < synchronous + queued; index += 1) {
      const request = requestOf(index);
      world.active.add(request.projectId);
      world.script.rename = answersWith(index < synchronous || index % 2 === 0 ? NO_ANSWER : UNREACHABLE);
      if (index < synchronous) await world.rename('v1', { request }).catch(() => {});
      else {
        const { renameId } = await acceptOne(world, { request, deliveryIdentity: `delivery-${index}` });
        await carryOut(world, { projectId: request.projectId, renameId }).catch(() => {});
      }
    }
  });
  expect(world.locks.size).toBe(synchronous + queued);
  world.script.rename = async (name) => renamed(name);
  world.advance(world.timings.leaseMs);
  return world;
}

/**
 * Sweeps like the timer: at each full minute, never two at a time. Resolves to the time that it took until
 * `isDone`.
 */
export async function sweepEachMinute(
  { time, createSweep, report }: SweepWorld,
  isDone: () => boolean,
  mostMinutes: number,
): Promise<number> {
  const sweep = createSweep();
  const startedMs = time.now();
  await time.run(async () => {
    while (!isDone() && time.now() - startedMs <= mostMinutes * MINUTE_MS) {
      await sweep(report);
      if (!isDone()) await time.sleep(MINUTE_MS - ((time.now() - startedMs) % MINUTE_MS));
    }
  });
  expect(isDone()).toBe(true);
  return time.now() - startedMs;
}
