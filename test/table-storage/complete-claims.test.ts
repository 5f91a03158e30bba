import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Completion, ExistingClaim, IdempotencyClaim } from '../../src/rename/audit-log.ts';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import {
  type AuditTable,
  claimOf,
  impliedClaim,
  intentOf,
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

  it.each<{ case: string; claim: IdempotencyClaim; callerIsAnswered: boolean; isKept: boolean }>([
    { case: 'it is implied', claim: impliedClaim(), callerIsAnswered: true, isKept: false },
    { case: 'its caller gets a 5xx', claim: impliedClaim(), callerIsAnswered: false, isKept: true },
    { case: 'the caller gave it', claim: claimOf(), callerIsAnswered: true, isKept: true },
  ])(
    'stays $isKept where another process has settled the rename before its answer, and $case',
    async ({ claim, callerIsAnswered, isKept }) => {
      const pending = await on.begin(intentOf(), claim);
      const seen = { iteration: { name: 'v2' }, callerIsAnswered: false };
      await on.other.complete(await on.read(pending.intent), OUTCOME, seen);
      const late = { ...OUTCOME, durationMs: 2 };
      expect(await on.log.complete(pending, late, { ...seen, callerIsAnswered })).toBe(false);
      const again = await on.other.begin(rivalOf(pending.intent), claim, null, LEASE_MS);
      expect(again.kind).toBe(isKept ? 'claimed' : 'begun');
    },
  );

  it('stays where another process could not tell what became of the rename', async () => {
    const pending = await on.begin(intentOf(), impliedClaim());
    const unresolved = { ...OUTCOME, status: 'unresolved', evidence: 'state' } as const;
    const unseen = { iteration: null, callerIsAnswered: false };
    await on.other.complete(await on.read(pending.intent), unresolved, unseen);
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(false);
    expect((await claimMet(pending.intent, impliedClaim())).record.status).toBe('unresolved');
  });

  it('stays where a new request has taken it over meanwhile', async () => {
    const pending = await on.begin(intentOf(), impliedClaim());
    const seen = { iteration: { name: 'v2' }, callerIsAnswered: false };
    await on.other.complete(await on.read(pending.intent), OUTCOME, seen);
    await on.other.forgetClaim(await claimMet(pending.intent, impliedClaim())); // a repeat was answered
    const next = await on.begin(rivalOf(pending.intent), impliedClaim());
    expect(await on.log.complete(pending, { ...OUTCOME, durationMs: 2 }, UNSEEN)).toBe(false);
    expect((await claimMet(next.intent, impliedClaim())).record.renameId).toBe(next.intent.renameId);
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
    await on.other.forgetClaim(claim);
    expect((await claimMet(claim.record, impliedClaim())).record.renameId).toBe(taken.intent.renameId);
  });
});
