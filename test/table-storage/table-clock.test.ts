import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RowTimes, startTableClock } from '../../src/table-storage/table-clock.ts';
import { type AuditTable, CLOCK_TOLERANCE_MS, LEASE_MS, startAuditTable } from './audit-table.ts';

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => {
  vi.useRealTimers();
  return on.reset();
});
afterAll(() => on.stop());

function setWallClockAhead(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + ms);
}

describe('the age of a lease', () => {
  it.each([
    { monotonicStartMs: 0, wallClockAheadMs: 0 },
    { monotonicStartMs: 9_000_000_000, wallClockAheadMs: 0 },
    { monotonicStartMs: 12, wallClockAheadMs: 10 * 60_000 },
    { monotonicStartMs: 12, wallClockAheadMs: -10 * 60_000 },
  ])(
    'is that of the table, with a monotonic clock at $monotonicStartMs and a wall clock $wallClockAheadMs ahead',
    async ({ monotonicStartMs, wallClockAheadMs }) => {
      const { intent } = await on.begin();
      setWallClockAhead(wallClockAheadMs);
      const { log, monotonic } = on.instance(monotonicStartMs);
      const leftMs = async () => {
        const pending = await log.readPending(intent);
        return (pending?.lease.expiresAtMs ?? Number.NaN) - monotonic();
      };
      expect(await leftMs()).toBeGreaterThan(LEASE_MS - CLOCK_TOLERANCE_MS);
      expect(await leftMs()).toBeLessThanOrEqual(LEASE_MS + 1);
      on.passTime(20_000);
      expect(await leftMs()).toBeGreaterThan(LEASE_MS - 20_000 - CLOCK_TOLERANCE_MS);
      expect(await leftMs()).toBeLessThan(LEASE_MS - 20_000 + CLOCK_TOLERANCE_MS);
    },
  );

  it('never makes a lease end early, or a rename begin late, however long the answer takes', async () => {
    const { log, monotonic } = on.instance(0);
    const earliestMs = monotonic();
    const { intent } = await on.begin();
    const latestMs = monotonic();
    on.proxy.faults.inject({ kind: 'delay', delayMs: 300, when: 'GET' });
    on.proxy.faults.inject({ kind: 'delay', delayMs: 300, when: 'GET', acts: true });
    const pending = await log.readPending(intent);
    expect(pending?.lease.expiresAtMs).toBeGreaterThanOrEqual(earliestMs + LEASE_MS);
    expect(pending?.begunAfterMs).toBeLessThanOrEqual(latestMs);
  });

  it('is counted in the duration of its holder', async () => {
    const { intent } = await on.begin();
    await on.log.note(await on.read(intent), { lastFailure: 'outcome_unknown', before: null }, 90_000);
    const { log, monotonic } = on.instance(0);
    const pending = await log.readPending(intent);
    expect((pending?.lease.expiresAtMs ?? 0) - monotonic()).toBeGreaterThan(90_000 - CLOCK_TOLERANCE_MS);
  });

  it('is that of the longest lease if the row does not tell', async () => {
    const { intent } = await on.begin();
    const { leaseMs: _leaseMs, ...lock } = await on.lockOf(intent);
    const { projectId: partitionKey, iterationId } = intent;
    await on.direct.updateEntity({ ...lock, partitionKey, rowKey: `lock|${iterationId}` }, 'Replace');
    const { log, monotonic } = on.instance(0);
    const pending = await log.readPending(intent);
    expect((pending?.lease.expiresAtMs ?? 0) - monotonic()).toBeGreaterThan(180_000 - CLOCK_TOLERANCE_MS);
  });
});

/** Of a row that was asked for at 1000 and had at 1500. */
function timesOf(timestamp: string | undefined, date: string | undefined): RowTimes {
  let nowMs = 1000;
  const clock = startTableClock(() => nowMs);
  const headers = createHttpHeaders(date === undefined ? {} : { date });
  const request = createPipelineRequest({ url: 'http://127.0.0.1' });
  clock.listener.onResponse?.({ status: 200, headers, request }, null);
  nowMs = 1500;
  return clock.timesOf(timestamp === undefined ? {} : { timestamp });
}

describe('bounds on when a row was written', () => {
  const DATE = 'Thu, 01 Jan 2026 00:00:10 GMT';

  it('allow for the time of the request, and for the resolution of the answer’s date', () => {
    expect(timesOf('2026-01-01T00:00:03.2500000Z', DATE)).toEqual({
      writtenAfterMs: 1000 - 6750 - 1000,
      writtenBeforeMs: 1500 - 6750,
      tableTimeMs: Date.parse(DATE),
    });
  });

  it('do not lie in the future for a row of the same second', () => {
    expect(timesOf('2026-01-01T00:00:10.9000000Z', DATE)).toMatchObject({
      writtenAfterMs: 900,
      writtenBeforeMs: 1500,
    });
  });

  it.each([
    { case: 'the answer has no date', timestamp: '2026-01-01T00:00:03Z', date: undefined },
    { case: 'the date is none', timestamp: '2026-01-01T00:00:03Z', date: 'soon' },
    { case: 'the row has no timestamp', timestamp: undefined, date: DATE },
  ])('say the least if $case', ({ timestamp, date }) => {
    expect(timesOf(timestamp, date)).toMatchObject({
      writtenAfterMs: Number.NEGATIVE_INFINITY,
      writtenBeforeMs: 1500,
    });
  });
});
