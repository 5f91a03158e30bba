import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PendingRename } from '../../src/rename/audit-log.ts';
import {
  type AuditTable,
  CLOCK_TOLERANCE_MS,
  isBatch,
  LEASE_MS,
  NOT_APPLIED,
  OUTCOME,
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

describe('renewLease', () => {
  it('starts the lease anew with the duration of the new holder, and keeps the reading before', async () => {
    const pending = await on.begin();
    on.passTime(LEASE_MS);
    expectLease(await leftMs(pending), 0);
    await on.reset();
    const renewed = await on.other.renewLease(pending, { durationMs: 45_000, before: BEFORE });
    expect(renewed).toMatchObject({ intent: pending.intent, lease: { before: BEFORE, lastFailure: null } });
    expectLease(await leftMs(pending), 45_000);
  });

  it('excludes a late completion and a late renewal by the holder before', async () => {
    const pending = await on.begin();
    const renewed = await on.other.renewLease(pending, LEASE);
    expect(renewed?.version).toBe((await on.recordOf(pending.intent)).etag);
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(false);
    expect(await on.log.renewLease(pending, LEASE)).toBeNull();
    expect(await on.recordOf(pending.intent)).toMatchObject({ status: 'pending' });
    expect(renewed && (await on.other.complete(renewed, OUTCOME, UNSEEN))).toBe(true);
  });

  it('has one winner of two at once', async () => {
    const pending = await on.begin();
    const both = await Promise.all([on.log.renewLease(pending, LEASE), on.other.renewLease(pending, LEASE)]);
    expect(both.filter((renewed) => renewed !== null)).toHaveLength(1);
  });

  it('succeeds if only its answer was lost', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const renewed = await on.log.renewLease(pending, LEASE);
    expect(renewed && (await on.log.complete(renewed, OUTCOME, UNSEEN))).toBe(true);
  });

  it.each([1, 2])(
    'fails if another process renews the lease before reading %i of the renewed one',
    async (nth) => {
      const pending = await on.begin();
      let readings = 0;
      on.proxy.hooks.onReceived = async ({ method }) => {
        readings += method === 'GET' ? 1 : 0;
        if (readings !== nth) return;
        delete on.proxy.hooks.onReceived;
        await on.other.renewLease(await on.read(pending.intent), LEASE);
      };
      expect(await on.log.renewLease(pending, LEASE)).toBeNull();
    },
  );

  it('forgets the failed looks, the failure and the reading of earlier attempts', async () => {
    const pending = await on.begin();
    await on.log.note(pending, { lastFailure: 'outcome_unknown', before: BEFORE }, LEASE_MS);
    await on.log.noteUnreadable(pending);
    const renewed = await on.log.renewLease(pending, LEASE);
    expect(renewed).toMatchObject({ unreadableForMs: null, lease: { lastFailure: null, before: null } });
  });

  it('throws if the table fails', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'status', status: 503 });
    await expect(on.log.renewLease(pending, LEASE)).rejects.toBeInstanceOf(Error);
  });
});

describe('release', () => {
  it('ends the lease, keeps why, and excludes a late completion', async () => {
    const pending = await on.begin();
    expect(await on.log.release(pending, 'too_late_to_send')).toBe(true);
    expect(await on.other.readPending(pending.intent)).toMatchObject({
      lease: {
        isReleased: true,
        expiresAtMs: Number.NEGATIVE_INFINITY,
        lastFailure: 'too_late_to_send',
      },
    });
    expect(await on.log.complete(pending, NOT_APPLIED, UNSEEN)).toBe(false);
    expect(await on.log.release(pending, 'too_late_to_send')).toBe(false);
  });

  it('lets the next attempt renew the lease', async () => {
    const pending = await on.begin();
    await on.log.release(pending, 'too_late_to_send');
    const renewed = await on.log.renewLease(await on.read(pending.intent), LEASE);
    expect(renewed?.lease.isReleased).toBe(false);
    expectLease(await leftMs(pending), LEASE.durationMs);
  });

  it('succeeds if only its answer was lost', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    expect(await on.log.release(pending, 'too_late_to_send')).toBe(true);
  });
});

describe('giveUp', () => {
  it('excludes a renewal by a process that read the rename before', async () => {
    const pending = await on.begin();
    await on.log.giveUp(pending);
    expect(await on.other.renewLease(pending, LEASE)).toBeNull();
    expect(await on.read(pending.intent)).toMatchObject({ isGivenUp: true });
    expect(await on.log.complete(await on.read(pending.intent), NOT_APPLIED, UNSEEN)).toBe(true);
  });

  it('keeps when the rename was begun, given up twice too', async () => {
    const pending = await on.begin();
    const { log, monotonic } = on.instance(0);
    await sleep(2000);
    for (let time = 0; time < 2; time += 1) await log.giveUp(pending);
    const { begunAfterMs = Number.NaN } = (await log.readPending(pending.intent)) ?? {};
    expect(monotonic() - begunAfterMs).toBeGreaterThan(2000);
    expect(monotonic() - begunAfterMs).toBeLessThan(2000 + CLOCK_TOLERANCE_MS);
  });

  it('gives up a rename that another process has renewed since it was read', async () => {
    const pending = await on.begin();
    await on.other.renewLease(pending, LEASE);
    await on.log.giveUp(pending);
    expect(await on.read(pending.intent)).toMatchObject({ isGivenUp: true });
  });

  it('leaves a rename alone that has ended', async () => {
    const pending = await on.begin();
    await on.log.complete(pending, OUTCOME, UNSEEN);
    const before = [await on.recordOf(pending.intent), await on.copyOf(pending.intent)];
    await on.log.giveUp(pending);
    expect([await on.recordOf(pending.intent), await on.copyOf(pending.intent)]).toEqual(before);
  });

  it('succeeds if only its answer was lost', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'answer-lost', when: ({ method }) => method !== 'GET', times: 1 });
    await on.log.giveUp(pending);
    expect(await on.read(pending.intent)).toMatchObject({ isGivenUp: true });
  });
});
