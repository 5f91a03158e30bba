import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PendingRename } from '../../src/rename/audit-log.ts';
import {
  type AuditTable,
  CLOCK_TOLERANCE_MS,
  LEASE_MS,
  OUTCOME,
  rivalOf,
  startAuditTable,
  UNSEEN,
} from './audit-table.ts';

const LEASE = { durationMs: 45_000, before: null };
const BEFORE = { name: 'v1', lastModified: '2026-01-01T00:00:00.123Z' };

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => on.reset());
afterAll(() => on.stop());

/** What is left of the lease, on the clock of an observer that has just started. */
async function leftMs({ intent }: PendingRename): Promise<number> {
  const { log, monotonic } = on.instance(0);
  const pending = await log.readPending(intent);
  return (pending?.lease.expiresAtMs ?? Number.NaN) - monotonic();
}

function expectLease(actualMs: number, expectedMs: number): void {
  expect(actualMs).toBeGreaterThan(expectedMs - CLOCK_TOLERANCE_MS);
  expect(actualMs).toBeLessThan(expectedMs + CLOCK_TOLERANCE_MS);
}

describe('note', () => {
  const NOTES = { lastFailure: 'upstream_faulty', before: BEFORE };

  it('keeps failure and reading, and what is left of the lease', async () => {
    const pending = await on.begin();
    await on.log.note(pending, NOTES, 12_345.678);
    expect((await on.read(pending.intent)).lease).toMatchObject({ ...NOTES, isReleased: false });
    expectLease(await leftMs(pending), 12_345);
    expect((await on.lockOf(pending.intent))['leaseMs']).toBe(12_346);
  });

  it('keeps a reading that had no time, and none', async () => {
    const pending = await on.begin();
    const before = { name: 'v1', lastModified: null };
    await on.log.note(pending, { lastFailure: 'outcome_unknown', before }, LEASE_MS);
    expect((await on.read(pending.intent)).lease.before).toEqual(before);
    await on.log.note(pending, { lastFailure: 'outcome_unknown', before: null }, LEASE_MS);
    expect((await on.read(pending.intent)).lease.before).toBeNull();
  });

  it.each([-1, -0.4, 0])('neither prolongs nor releases a lease that has %d ms left', async (left) => {
    const pending = await on.begin();
    await on.log.note(pending, NOTES, left);
    expect((await on.read(pending.intent)).lease.isReleased).toBe(false);
    expectLease(await leftMs(pending), 0);
  });

  it('leaves the rename its version: its holder can still complete it', async () => {
    const pending = await on.begin();
    await on.log.note(pending, NOTES, LEASE_MS);
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(true);
  });
});

describe('noteUnreadable', () => {
  it('keeps since when looks have failed, by the clock of the table', async () => {
    const pending = await on.begin();
    expect((await on.read(pending.intent)).unreadableForMs).toBeNull();
    await on.log.noteUnreadable(pending);
    const hourMs = 60 * 60_000;
    on.passTime(hourMs);
    const { unreadableForMs, lease } = await on.read(pending.intent);
    expect((unreadableForMs ?? 0) - hourMs).toBeGreaterThanOrEqual(0);
    expect((unreadableForMs ?? 0) - hourMs).toBeLessThan(CLOCK_TOLERANCE_MS);
    expect(lease.isReleased).toBe(false);
  });

  it('keeps the first failed look if two processes note one', async () => {
    const pending = await on.begin();
    await on.log.noteUnreadable(pending);
    on.passTime(60_000);
    await on.other.noteUnreadable(pending);
    expect((await on.read(pending.intent)).unreadableForMs).toBeGreaterThanOrEqual(60_000);
  });

  it('does not start the expired lease anew', async () => {
    const pending = await on.begin();
    await on.log.noteUnreadable(pending);
    expect(await leftMs(pending)).toBeLessThan(CLOCK_TOLERANCE_MS);
  });
});

describe.each([
  {
    step: 'note',
    take: (pending: PendingRename) =>
      on.log.note(pending, { lastFailure: 'outcome_unknown', before: BEFORE }, -1),
  },
  { step: 'noteUnreadable', take: (pending: PendingRename) => on.log.noteUnreadable(pending) },
])('$step leaves the lock alone', ({ take }) => {
  it('of a rename that has ended', async () => {
    const pending = await on.begin();
    await on.log.complete(pending, OUTCOME, UNSEEN);
    await take(pending);
    expect(await on.rowKeysOf(pending.intent)).not.toContain(`lock|${pending.intent.iterationId}`);
  });

  it('of another rename', async () => {
    const pending = await on.begin();
    await on.log.complete(pending, OUTCOME, UNSEEN);
    await on.begin(rivalOf(pending.intent));
    const before = await on.lockOf(pending.intent);
    await take(pending);
    expect(await on.lockOf(pending.intent)).toEqual(before);
  });

  it.each([1, 2, 3])('whose lease another process renews before request %i', async (number) => {
    const pending = await on.begin();
    let requests = 0;
    on.proxy.hooks.onReceived = async () => {
      requests += 1;
      if (requests !== number) return;
      delete on.proxy.hooks.onReceived;
      await on.other.renewLease(pending, LEASE);
    };
    await take(pending);
    expect((await on.lockOf(pending.intent))['leaseMs']).toBe(LEASE.durationMs);
  });
});
