import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/rename/audit-record.ts';
import { ApiError, NoAnswer } from '../../src/console/api-answer.ts';
import { followRecord } from '../../src/console/follow-record.ts';
import { auditRecord, pendingRecord } from './audit-record.ts';

type Look = { record: AuditRecord; retryAfterSeconds: number | null } | Error;

const ended = auditRecord();
const pending = (retryAfterSeconds: number | null = null): Look => ({
  record: pendingRecord(),
  retryAfterSeconds,
});
const answered = (status: number, headers: Record<string, string> = {}): Look =>
  new ApiError({ status, headers: new Headers(headers), body: '', url: '' });

async function follow(looks: Look[], firstWaitSeconds: number | null = null) {
  const waits: number[] = [];
  const record = await followRecord({
    read: () => {
      const look = looks.shift() ?? { record: ended, retryAfterSeconds: null };
      return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
    },
    wait: (seconds) => {
      waits.push(seconds);
      return Promise.resolve();
    },
    firstWaitSeconds,
  });
  return { record, waits };
}

it('reads until the rename has ended, and waits as long as it is asked to', async () => {
  const { record, waits } = await follow([pending(7), pending(3)], 5);
  expect(record.status).toBe('succeeded');
  expect(waits).toEqual([5, 7, 3]);
});

it('reads less and less often where it is not told, at most each 15 seconds', async () => {
  const { waits } = await follow(Array.from({ length: 8 }, () => pending()));
  expect(waits.slice(0, 3)).toEqual([2, 3, 4.5]);
  expect(waits.at(-1)).toBe(15);
});

describe('a reading that failed', () => {
  it.each([
    { case: 'no answer', look: new NoAnswer('none'), wait: 3 },
    { case: '503', look: answered(503, { 'retry-after': '6' }), wait: 6 },
    { case: '429', look: answered(429, { 'retry-after': '9' }), wait: 9 },
  ])('for now is repeated: $case', async ({ look, wait }) => {
    const { record, waits } = await follow([look]);
    expect(record.status).toBe('succeeded');
    expect(waits).toEqual([2, wait]);
  });

  it.each([401, 403, 404])('for good is told: %i', async (status) => {
    await expect(follow([answered(status)])).rejects.toMatchObject({ answer: { status } });
  });
});
