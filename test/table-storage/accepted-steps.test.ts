import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import type { AcceptedRename } from '../../src/rename/queued/accepted-log.ts';
import { notAppliedOutcome } from '../../src/rename/queued/not-applied-outcome.ts';
import { deliveryKey, sha256 } from '../../src/table-storage/row-keys.ts';
import { type AcceptedTable, intentOf, startAcceptedTable } from './accepted-table.ts';

const PARTIES = [['webhook:registry'], ['function-key', 'entra:app']];
const DELIVERY = { identity: 'delivery-1', payload: 'default v2' };
const LEASE_MS = 30_000;

let world: AcceptedTable;
beforeAll(async () => {
  world = await startAcceptedTable();
});
afterEach(() => world.proxy.faults.clear());
afterAll(() => world.stop());

const accept = (intent: RenameIntent, delivery: typeof DELIVERY | null = DELIVERY) =>
  world.accepted.accept(intent, PARTIES, delivery, null);

async function acceptedOne(intent = intentOf({})): Promise<AcceptedRename> {
  await accept(intent);
  const found = await world.accepted.find(intent);
  if (found.kind !== 'accepted') throw new Error(found.kind);
  return found.accepted;
}

const keysOf = async (intent: RenameIntent) => [...(await world.rows(intent.projectId)).keys()].toSorted();
const claimOf = (intent: RenameIntent) => deliveryKey(intent.caller.id, DELIVERY.identity);
const rowsOf = ({ iterationId, renameId }: RenameIntent) => ({
  record: `rename|${renameId}`,
  copy: `iteration|${iterationId}|${renameId}`,
  accepted: `accepted|${renameId}`,
  lock: `lock|${iterationId}`,
});
const ended = (intent: RenameIntent) => notAppliedOutcome(intent, 'The grant was withdrawn.', Date.now());
const loseAnswer = (method = 'POST') =>
  world.proxy.faults.inject({ kind: 'answer-lost', when: method, times: 1 });

describe('an accepted rename', () => {
  it('is a record, its copy, an index and the claim of its delivery: all of them, or none', async () => {
    const intent = intentOf({});
    expect(await accept(intent)).toEqual({ kind: 'accepted' });
    const { record, copy, accepted } = rowsOf(intent);
    expect(await keysOf(intent)).toEqual([accepted, claimOf(intent), copy, record].toSorted());
    const rows = await world.rows(intent.projectId);
    expect(rows.get(record)).toMatchObject({
      status: 'pending',
      callerId: 'webhook:registry',
      parties: JSON.stringify(PARTIES),
    });
    expect(rows.get(claimOf(intent))).toMatchObject({
      renameId: intent.renameId,
      payloadHash: sha256(DELIVERY.payload),
    });
  });

  it('has no lock: other requests rename the iteration meanwhile', async () => {
    const { intent } = await acceptedOne();
    const other = { ...intentOf(intent), renameId: intentOf({}).renameId, trigger: 'http' } as const;
    const claim = { callerId: 'function-key', key: null, payload: 'other' };
    expect(await world.log.begin(other, claim, null, LEASE_MS)).toMatchObject({ kind: 'begun' });
  });

  it('is found with whom the policy must grant it', async () => {
    const intent = intentOf({});
    await accept(intent);
    expect(await world.accepted.find(intent)).toMatchObject({
      kind: 'accepted',
      accepted: { intent, parties: PARTIES },
    });
  });

  it('stands where the answer was lost and the SDK’s retry met its rows', async () => {
    const intent = intentOf({});
    await accept(intentOf({ projectId: intent.projectId })); // lists the project
    const lost = loseAnswer();
    expect(await accept(intent, { ...DELIVERY, identity: 'delivery-2' })).toEqual({ kind: 'accepted' });
    expect(lost.hits()).toBe(1);
  });

  it('is not claimed to be one where the table is away', async () => {
    await world.proxy.faults.refuse();
    await expect(accept(intentOf({}))).rejects.toBeInstanceOf(Error);
  });
});

describe('a duplicate of a delivery', () => {
  it('is told the first rename, and writes nothing', async () => {
    const first = intentOf({});
    await accept(first);
    const { projectId } = first;
    const second = intentOf({ projectId, iterationId: first.iterationId });
    const before = await keysOf(first);
    expect(await accept(second)).toMatchObject({
      kind: 'duplicate',
      earlier: { record: { renameId: first.renameId, status: 'pending' }, samePayload: true },
    });
    expect(await accept(second, { ...DELIVERY, payload: 'other' })).toMatchObject({
      earlier: { samePayload: false },
    });
    expect(await keysOf(first)).toEqual(before);
  });

  it('is given a new rename once, where it has seen the claim as it stands', async () => {
    const accepted = await acceptedOne();
    const { intent } = accepted;
    await world.accepted.end(accepted, ended(intent));
    const again = () => {
      const { renameId } = intentOf({});
      return intentOf({ ...intent, renameId, replaces: intent.renameId });
    };
    const met = await accept(again());
    if (met.kind !== 'duplicate') throw new Error(met.kind);
    expect(met.earlier.record).toMatchObject({
      status: 'not_applied',
      upstreamMessage: 'The grant was withdrawn.',
    });
    const attempts = Array.from({ length: 5 }, again);
    const results = await Promise.all(
      attempts.map((attempt) => world.accepted.accept(attempt, PARTIES, DELIVERY, met.earlier)),
    );
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    const given = (await world.rows(intent.projectId)).get(claimOf(intent))?.['renameId'];
    expect(attempts.map(({ renameId }) => renameId)).toContain(given);
    const told = results.flatMap((result) =>
      result.kind === 'duplicate' ? [result.earlier.record.renameId] : [],
    );
    expect(told).toEqual(Array(4).fill(given));
  });

  it('of another source has a claim of its own', async () => {
    const first = intentOf({});
    await accept(first);
    const caller = { kind: 'webhook', id: 'webhook:other', name: null } as const;
    expect(await accept(intentOf({ projectId: first.projectId, caller }))).toEqual({ kind: 'accepted' });
  });

  it('is known by its own rename id where it has no identity, as of a training', async () => {
    const intent = intentOf({ trigger: 'training' });
    expect(await accept(intent, null)).toEqual({ kind: 'accepted' });
    expect(await accept(intent, null)).toMatchObject({
      kind: 'duplicate',
      earlier: { record: { renameId: intent.renameId }, samePayload: true, version: null },
    });
  });
});
