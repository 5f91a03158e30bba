import { expect, it } from 'vitest';
import type { Lease } from '../../../src/rename/audit-log.ts';
import { createSettlePaced } from '../../../src/rename/recovery/settle-paced.ts';
import { createVirtualTime } from '../virtual-time.ts';

const leasesOf = (count: number, resource = 'default'): Lease[] =>
  Array.from({ length: count }, (_, index) => ({
    projectId: 'p',
    iterationId: String(index).padStart(3, '0'),
    renameId: `r${index}`,
    resource,
    writtenAtMs: 0,
    expiresAtMs: 0,
    isReleased: false,
    lastFailure: null,
  }));

/** Settlings that take as long as a test says; what was started, and how many were under way at once. */
function createSettlings(tookMs: number) {
  const time = createVirtualTime();
  const settlePaced = createSettlePaced({ monotonic: time.now, sleep: time.sleep });
  const started: string[] = [];
  let running = 0;
  let most = 0;
  const settle = async ({ iterationId }: Lease) => {
    started.push(iterationId);
    most = Math.max(most, (running += 1));
    await time.sleep(tookMs);
    running -= 1;
    return true;
  };
  return {
    started,
    most: () => most,
    run: (leases: readonly Lease[], forMs: number) =>
      time.run(() => settlePaced(leases, settle, time.now() + forMs)),
    now: time.now,
  };
}

it('has at most 32 of a resource under way, and loses none', async () => {
  const settlings = createSettlings(100_000);
  expect(await settlings.run(leasesOf(40), 1_000_000)).toEqual({ settled: 40, failed: 0 });
  expect(settlings.most()).toBe(32);
});

it('starts one a second up to the last moment, and none after it', async () => {
  const settlings = createSettlings(0);
  await settlings.run(leasesOf(10), 3000);
  expect(settlings.started).toEqual(['000', '001', '002', '003']);
});

it('goes on behind the one that was started last, for each resource', async () => {
  const settlings = createSettlings(0);
  await settlings.run(leasesOf(5), 1000);
  await settlings.run(leasesOf(2, 'other'), 1000);
  await settlings.run(leasesOf(5), 3000);
  expect(settlings.started).toEqual(['000', '001', '000', '001', '002', '003', '004', '000']);
});

it('ends only after all that it has started', async () => {
  const settlings = createSettlings(60_000);
  const startedMs = settlings.now();
  expect(await settlings.run(leasesOf(2), 1000)).toEqual({ settled: 2, failed: 0 });
  expect(settlings.now() - startedMs).toBe(61_000);
});
