import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExistingClaim, IdempotencyClaim } from '../../src/rename/audit-log.ts';
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

const MINUTE_MS = 60_000;

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

/** A claim that a rename without an effect has left behind. */
async function released(claim: IdempotencyClaim): Promise<ExistingClaim> {
  const pending = await on.begin(intentOf(), claim);
  await on.log.complete(pending, NOT_APPLIED, { iteration: null, callerIsAnswered: false });
  return claimMet(pending.intent, claim);
}

describe('a claim', () => {
  it('is met by the next request with the key, with record, lease and whether it asks for the same', async () => {
    const claim = claimOf('p');
    const pending = await on.begin(intentOf(), claim);
    const { renameId } = pending.intent;
    expect(await claimMet(pending.intent, claim)).toMatchObject({
      samePayload: true,
      iteration: null,
      record: { renameId, status: 'pending' },
      lease: { renameId, isReleased: false },
    });
    const iteration = { id: pending.intent.iterationId, name: 'v2', newer: [1] };
    await on.log.complete(pending, OUTCOME, { iteration, callerIsAnswered: true });
    expect(await claimMet(pending.intent, { ...claim, payload: 'another' })).toMatchObject({
      samePayload: false,
      iteration,
      lease: null,
      record: { status: 'succeeded', previousName: 'v1', upstreamRequestId: 'request-1' },
    });
  });

  it('does not have the lease of another rename of the iteration', async () => {
    const claim = claimOf();
    const first = await on.begin(intentOf(), claim);
    await on.log.complete(first, OUTCOME, UNSEEN);
    await on.begin(rivalOf(first.intent));
    expect(await claimMet(first.intent, claim)).toMatchObject({ lease: null });
  });

  it.each([
    { case: 'another caller', callerId: 'webhook:a', key: 'key' },
    { case: 'another key', callerId: 'function-key', key: 'Key' },
    { case: 'a caller and key that read alike together', callerId: 'function-ke', key: 'ykey' },
    { case: 'the implied key of the same payload', callerId: 'function-key', key: null },
  ])('is not met by $case', async ({ callerId, key }) => {
    const { intent } = await on.begin(intentOf(), claimOf('p', 'key'));
    const next = intentOf({ projectId: intent.projectId });
    expect(await on.log.begin(next, { callerId, key, payload: 'p' }, null, LEASE_MS)).toMatchObject({
      kind: 'begun',
    });
  });

  it('that is implied is met by the same payload only', async () => {
    const { intent } = await on.begin(intentOf(), impliedClaim('p'));
    expect((await claimMet(intent, impliedClaim('p'))).record.renameId).toBe(intent.renameId);
    const next = intentOf({ projectId: intent.projectId });
    expect(await on.log.begin(next, impliedClaim('q'), null, LEASE_MS)).toMatchObject({ kind: 'begun' });
  });

  it('has the answer of a rename that ends while the claim is read', async () => {
    const claim = claimOf();
    const pending = await on.begin(intentOf(), claim);
    const move = on.proxy.hooks.onEffect;
    on.proxy.hooks.onEffect = async (entry, answer) => {
      await move?.(entry, answer);
      if (entry.method !== 'GET' || !entry.path.includes('idempotency')) return;
      if (move !== undefined) on.proxy.hooks.onEffect = move;
      const completion = { iteration: { name: 'v2' }, callerIsAnswered: true };
      await on.log.complete(pending, OUTCOME, completion);
    };
    expect(await claimMet(pending.intent, claim)).toMatchObject({
      iteration: { name: 'v2' },
      record: { status: 'succeeded' },
    });
  });
});

describe('a released claim', () => {
  it('is taken over by one only', async () => {
    const claim = claimOf();
    const earlier = await released(claim);
    const taken = await Promise.all(
      [on.log, on.other].map((log) => log.begin(rivalOf(earlier.record), claim, earlier, LEASE_MS)),
    );
    expect(taken.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'begun',
      'claimed',
    ]);
  });

  it('is taken over once if the answer was lost', async () => {
    const claim = claimOf();
    const earlier = await released(claim);
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const taken = await on.begin(rivalOf(earlier.record), claim, earlier);
    expect((await claimMet(earlier.record, claim)).record.renameId).toBe(taken.intent.renameId);
  });

  it('cannot be taken over by a request that saw it before another took it and ended', async () => {
    const claim = claimOf();
    const earlier = await released(claim);
    const taken = await on.begin(rivalOf(earlier.record), claim, earlier);
    await on.log.complete(taken, OUTCOME, UNSEEN);
    expect(await on.other.begin(rivalOf(earlier.record), claim, earlier, LEASE_MS)).toMatchObject({
      kind: 'claimed',
      claim: { record: { renameId: taken.intent.renameId, status: 'succeeded' } },
    });
  });

  it("meets another rename's lock, so that an abandoned one can be settled", async () => {
    const claim = claimOf();
    const earlier = await released(claim);
    const holder = await on.begin(rivalOf(earlier.record));
    expect(await on.other.begin(rivalOf(earlier.record), claim, earlier, LEASE_MS)).toMatchObject({
      kind: 'locked',
      lease: { renameId: holder.intent.renameId },
    });
  });

  it('forgets the answer that it had', async () => {
    const claim = impliedClaim();
    const pending = await on.begin(intentOf(), claim);
    await on.log.complete(pending, OUTCOME, { iteration: { name: 'v2' }, callerIsAnswered: false });
    const earlier = await claimMet(pending.intent, claim);
    await on.begin(rivalOf(pending.intent), claim, earlier);
    expect((await claimMet(pending.intent, claim)).iteration).toBeNull();
  });
});

describe('an implied key', () => {
  it('expires ten minutes after its last change, on the clock of the table', async () => {
    const claim = impliedClaim();
    const earlier = await released(claim);
    expect(earlier.isExpired).toBe(false);
    on.passTime(10 * MINUTE_MS - 5000);
    expect((await claimMet(earlier.record, claim)).isExpired).toBe(false);
    on.passTime(10_000);
    const expired = await claimMet(earlier.record, claim);
    expect(expired.isExpired).toBe(true);
    const taken = await on.begin(rivalOf(earlier.record), claim, expired);
    expect((await on.rowKeysOf(taken.intent)).filter((key) => key.startsWith('idempotency|'))).toHaveLength(
      1,
    );
  });

  it('does not expire if the caller gave it', async () => {
    const claim = claimOf();
    const earlier = await released(claim);
    on.passTime(24 * 60 * MINUTE_MS);
    expect((await claimMet(earlier.record, claim)).isExpired).toBe(false);
  });
});
