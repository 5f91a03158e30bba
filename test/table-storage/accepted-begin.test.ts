import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RenameIntent } from '../../src/rename/audit-record.ts';
import type { AcceptedRename } from '../../src/rename/queued/accepted-log.ts';
import { notAppliedOutcome } from '../../src/rename/queued/not-applied-outcome.ts';
import { deliveryKey } from '../../src/table-storage/row-keys.ts';
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

describe('a begin', () => {
  it('takes the lock and leaves the index in one transaction', async () => {
    const accepted = await acceptedOne();
    const { intent } = accepted;
    const since = world.since();
    const begun = await world.accepted.begin(accepted, LEASE_MS);
    expect(world.operations(since)).toEqual(['batch']);
    expect(begun).toMatchObject({
      kind: 'begun',
      pending: { intent, parties: PARTIES, claim: null, lease: { isReleased: false } },
    });
    const { record, copy, lock } = rowsOf(intent);
    expect(await keysOf(intent)).toEqual([claimOf(intent), copy, lock, record].toSorted());
    expect(await world.accepted.find(intent)).toMatchObject({ kind: 'begun' });
  });

  it('happens once, however many see the rename at once', async () => {
    const accepted = await acceptedOne();
    const begins = Array.from({ length: 5 }, () => world.accepted.begin(accepted, LEASE_MS));
    const kinds = (await Promise.all(begins)).map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['begun', ...Array(4).fill('changed')]);
  });

  it('is refused with the lease of another rename, which leaves the index as it is', async () => {
    const accepted = await acceptedOne();
    const { intent } = accepted;
    const other = intentOf({ ...intent, renameId: intentOf({}).renameId, trigger: 'http' });
    const claim = { callerId: 'function-key', key: null, payload: 'other' };
    await world.log.begin(other, claim, null, LEASE_MS);
    expect(await world.accepted.begin(accepted, LEASE_MS)).toMatchObject({
      kind: 'locked',
      lease: { renameId: other.renameId },
    });
    expect(await world.accepted.find(intent)).toMatchObject({ kind: 'accepted' });
  });

  it('stands where its answer was lost', async () => {
    const accepted = await acceptedOne();
    loseAnswer();
    expect(await world.accepted.begin(accepted, LEASE_MS)).toMatchObject({ kind: 'begun' });
  });
});

describe('an end without a begin', () => {
  it('writes the outcome with its reason and leaves the index', async () => {
    const accepted = await acceptedOne();
    const { intent } = accepted;
    expect(await world.accepted.end(accepted, ended(intent))).toBe(true);
    const { record, copy } = rowsOf(intent);
    expect(await keysOf(intent)).toEqual([claimOf(intent), copy, record].toSorted());
    const said = { upstreamMessage: 'The grant was withdrawn.', attempts: 0 };
    const rows = await world.rows(intent.projectId);
    expect([rows.get(record), rows.get(copy)]).toMatchObject([
      { ...said, status: 'not_applied' },
      { ...said, copiedStatus: 'not_applied' },
    ]);
    expect(await world.accepted.find(intent)).toEqual({ kind: 'ended' });
  });

  it('stands where its answer was lost', async () => {
    const accepted = await acceptedOne();
    loseAnswer();
    expect(await world.accepted.end(accepted, ended(accepted.intent))).toBe(true);
  });

  it('is refused where the rename has begun meanwhile, and the other way round', async () => {
    const begun = await acceptedOne();
    await world.accepted.begin(begun, LEASE_MS);
    expect(await world.accepted.end(begun, ended(begun.intent))).toBe(false);
    const over = await acceptedOne();
    await world.accepted.end(over, ended(over.intent));
    expect(await world.accepted.begin(over, LEASE_MS)).toEqual({ kind: 'changed' });
  });
});

describe('a pointer', () => {
  it('to no record leads nowhere', async () => {
    expect(await world.accepted.find(intentOf({}))).toEqual({ kind: 'nothing' });
  });

  it('to a synchronous rename leads nowhere: only its caller may repeat it', async () => {
    const intent = intentOf({ trigger: 'http' });
    const claim = { callerId: 'function-key', key: null, payload: 'payload' };
    await world.log.begin(intent, claim, null, LEASE_MS);
    expect(await world.accepted.find(intent)).toEqual({ kind: 'nothing' });
  });
});
