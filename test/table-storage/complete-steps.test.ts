import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Completion, ExistingClaim, IdempotencyClaim } from '../../src/rename/audit-log.ts';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import {
  type AuditTable,
  claimOf,
  impliedClaim,
  intentOf,
  isBatch,
  LEASE_MS,
  NOT_APPLIED,
  OUTCOME,
  rivalOf,
  startAuditTable,
  UNSEEN,
} from './audit-table.ts';

const LARGEST_ANSWER = 32 * 1024;

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => on.reset());
afterAll(() => on.stop());

async function claimMet(intent: RenameIntent, claim: IdempotencyClaim): Promise<ExistingClaim> {
  const met = await on.other.begin(rivalOf(intent), claim, null, LEASE_MS);
  if (met.kind !== 'claimed') throw new Error(`not claimed: ${met.kind}`);
  return met.claim;
}

/** The claim of a caller who got a 5xx. */
async function unanswered(): Promise<ExistingClaim> {
  const pending = await on.begin(intentOf(), impliedClaim());
  await on.log.complete(pending, NOT_APPLIED, { iteration: null, callerIsAnswered: false });
  return claimMet(pending.intent, impliedClaim());
}

describe('complete', () => {
  it('updates record and copy alike and deletes the lock, in one request', async () => {
    const intent = intentOf();
    const pending = await on.begin(intent);
    const since = on.proxy.journal.length;
    expect(await on.log.complete(pending, { ...OUTCOME, appliedName: 'V2' }, UNSEEN)).toBe(true);
    expect(on.operationsSince(since)).toEqual(['batch']);
    const strip = ({ rowKey: _key, etag: _etag, ...row }: Awaited<ReturnType<typeof on.recordOf>>) => row;
    expect(strip(await on.copyOf(intent))).toEqual({
      ...strip(await on.recordOf(intent)),
      timestamp: expect.any(String),
    });
    expect(await on.recordOf(intent)).toMatchObject({ status: 'succeeded', appliedName: 'V2' });
    expect(await on.rowKeysOf(intent)).not.toContain(`lock|${intent.iterationId}`);
  });

  it('keeps when the service modified the iteration, on record and copy', async () => {
    const pending = await on.begin();
    const iteration = { name: 'v2', lastModified: '2026-01-01T00:00:00.5Z' };
    await on.log.complete(pending, OUTCOME, { iteration, callerIsAnswered: true });
    const { iterationModified } = await on.recordOf(pending.intent);
    expect(iterationModified).toBe(iteration.lastModified);
    expect((await on.copyOf(pending.intent))['iterationModified']).toBe(iteration.lastModified);
  });

  it('keeps what the upstream said as it is, even if it reads like a part of the request', async () => {
    const pending = await on.begin(intentOf({ requestedName: 'é 線路 🚀' }));
    const upstreamMessage = 'a\r\n--batch\r\nDELETE /renames HTTP/1.1\r\n\r\n--changeset--\r\n\u0000"é🚀';
    const outcome = { ...OUTCOME, status: 'rejected', upstreamMessage } as const;
    expect(await on.log.complete(pending, outcome, UNSEEN)).toBe(true);
    const kept = { requestedName: 'é 線路 🚀', upstreamMessage };
    expect(await on.recordOf(pending.intent)).toMatchObject(kept);
    expect(await on.copyOf(pending.intent)).toMatchObject(kept);
  });

  it('succeeds if only its answer was lost', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(true);
    expect(await on.recordOf(pending.intent)).toMatchObject({ status: 'succeeded' });
  });

  it('fails if another process has settled the rename first, and changes nothing', async () => {
    const pending = await on.begin();
    const reread = await on.read(pending.intent);
    expect(await on.other.complete(reread, { ...NOT_APPLIED, attempts: null }, UNSEEN)).toBe(true);
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(false);
    expect(await on.recordOf(pending.intent)).toMatchObject({ status: 'not_applied' });
    expect(await on.copyOf(pending.intent)).toMatchObject({ status: 'not_applied' });
    expect(await on.other.readPending(pending.intent)).toBeNull();
  });

  it('has one winner of two at once', async () => {
    const pending = await on.begin();
    const outcomes = await Promise.all([
      on.log.complete(pending, OUTCOME, UNSEEN),
      on.other.complete(pending, NOT_APPLIED, UNSEEN),
    ]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const { status } = await on.recordOf(pending.intent);
    expect(status).toBe(outcomes[0] ? 'succeeded' : 'not_applied');
    expect((await on.copyOf(pending.intent))['status']).toBe(status);
  });

  it("never frees another rename's lock", async () => {
    const first = await on.begin();
    expect(await on.log.complete(first, OUTCOME, UNSEEN)).toBe(true);
    const second = await on.begin(rivalOf(first.intent));
    expect(await on.log.complete(first, { ...OUTCOME, durationMs: 7 }, UNSEEN)).toBe(false);
    expect(await on.lockOf(first.intent)).toMatchObject({ renameId: second.intent.renameId });
  });

  it('throws if the table breaks off, and leaves the record pending', async () => {
    const pending = await on.begin();
    on.proxy.faults.inject({ kind: 'reset', when: isBatch });
    await expect(on.log.complete(pending, OUTCOME, UNSEEN)).rejects.toBeInstanceOf(Error);
    await on.reset();
    expect(await on.recordOf(pending.intent)).toMatchObject({ status: 'pending' });
  });

  it('refuses a version that is not known: it would match any', async () => {
    const pending = await on.begin();
    await expect(on.log.complete({ ...pending, version: '' }, OUTCOME, UNSEEN)).rejects.toThrow(TypeError);
    expect(await on.recordOf(pending.intent)).toMatchObject({ status: 'pending' });
  });
});

describe('the key of a completed rename', () => {
  it.each([
    { size: LARGEST_ANSWER, isKept: true },
    { size: LARGEST_ANSWER + 1, isKept: false },
  ])('has its answer of $size characters: $isKept', async ({ size, isKept }) => {
    const claim = claimOf();
    const pending = await on.begin(intentOf(), claim);
    const iteration = { name: 'v2', more: '' };
    iteration.more = 'é'.repeat(size - JSON.stringify(iteration).length);
    expect(await on.log.complete(pending, OUTCOME, { iteration, callerIsAnswered: true })).toBe(true);
    const met = await claimMet(pending.intent, claim);
    expect(met.record.status).toBe('succeeded');
    expect(met.iteration).toEqual(isKept ? iteration : null);
  });

  it.each<{ case: string; completion: Completion }>([
    { case: 'success', completion: { iteration: { name: 'v2' }, callerIsAnswered: true } },
    { case: 'refusal', completion: UNSEEN },
  ])(
    'is deleted in the same request if it is implied and the caller is answered: $case',
    async ({ completion }) => {
      const pending = await on.begin(intentOf(), impliedClaim());
      expect(pending.claim).toMatchObject({ isImplied: true });
      const since = on.proxy.journal.length;
      await on.log.complete(pending, OUTCOME, completion);
      expect(on.operationsSince(since)).toEqual(['batch']);
      expect(await on.rowKeysOf(pending.intent)).toHaveLength(2);
      expect(await on.log.begin(rivalOf(pending.intent), impliedClaim(), null, LEASE_MS)).toMatchObject({
        kind: 'begun',
      });
    },
  );

  it('is deleted too if another process read the rename', async () => {
    const { intent } = await on.begin(intentOf(), impliedClaim());
    const reread = await on.read(intent);
    expect(reread.claim?.isImplied).toBe(true);
    await on.other.complete(reread, OUTCOME, UNSEEN);
    expect(await on.rowKeysOf(intent)).toHaveLength(2);
  });

  it('stays, with the answer, if it is implied and the caller got a 5xx', async () => {
    const pending = await on.begin(intentOf(), impliedClaim());
    const iteration = { name: 'v2' };
    await on.log.complete(pending, OUTCOME, { iteration, callerIsAnswered: false });
    expect(await claimMet(pending.intent, impliedClaim())).toMatchObject({
      iteration,
      isExpired: false,
      record: { renameId: pending.intent.renameId, status: 'succeeded' },
    });
  });

  it('stays if it is a key that the caller gave', async () => {
    const claim = claimOf();
    const pending = await on.begin(intentOf(), claim);
    await on.log.complete(pending, OUTCOME, UNSEEN);
    expect((await claimMet(pending.intent, claim)).record.renameId).toBe(pending.intent.renameId);
  });
});

describe('forgetClaim', () => {
  it('deletes the claim, so that the same request is a new one', async () => {
    const claim = await unanswered();
    await on.log.forgetClaim(claim);
    const again = await on.other.begin(rivalOf(claim.record), impliedClaim(), null, LEASE_MS);
    expect(again.kind).toBe('begun');
  });

  it('leaves a claim alone that another request has taken over', async () => {
    const claim = await unanswered();
    const taken = await on.begin(rivalOf(claim.record), impliedClaim(), claim);
    await expect(on.other.forgetClaim(claim)).rejects.toBeInstanceOf(Error);
    expect((await claimMet(claim.record, impliedClaim())).record.renameId).toBe(taken.intent.renameId);
  });
});

describe('recordEnded', () => {
  const NEVER_BEGUN = { ...NOT_APPLIED, attempts: 0, evidence: null };

  it('writes a record and its copy that have ended, and no lock', async () => {
    const intent = intentOf();
    expect(await on.log.recordEnded(intent, NEVER_BEGUN)).toBe(true);
    expect(await on.rowKeysOf(intent)).toHaveLength(2);
    expect(await on.recordOf(intent)).toMatchObject({ status: 'not_applied', attempts: 0 });
    expect(await on.copyOf(intent)).toMatchObject({ status: 'not_applied', attempts: 0 });
  });

  it('leaves a record alone that there is already', async () => {
    const { intent } = await on.begin();
    expect(await on.log.recordEnded(intent, NEVER_BEGUN)).toBe(false);
    expect(await on.recordOf(intent)).toMatchObject({ status: 'pending' });
  });

  it('succeeds if only its answer was lost', async () => {
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    expect(await on.log.recordEnded(intentOf(), NEVER_BEGUN)).toBe(true);
  });

  it('creates the table if it is missing', async () => {
    await on.direct.deleteTable();
    const intent = intentOf();
    expect(await on.log.recordEnded(intent, NEVER_BEGUN)).toBe(true);
    expect(await on.recordOf(intent)).toMatchObject({ status: 'not_applied' });
  });
});
