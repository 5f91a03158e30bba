import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditTable,
  intentOf,
  isBatch,
  LEASE_MS,
  OUTCOME,
  rivalOf,
  startAuditTable,
  UNSEEN,
} from './audit-table.ts';

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => on.reset());
afterAll(() => on.stop());

describe('begin of a queued rename', () => {
  it('writes record, copy and lock, and no claim', async () => {
    const intent = intentOf({ trigger: 'webhook' });
    const begun = await on.log.beginQueued(intent, LEASE_MS);
    expect(begun).toMatchObject({ kind: 'begun', pending: { intent, claim: null } });
    expect(await on.rowKeysOf(intent)).toEqual([
      `iteration|${intent.iterationId}|${intent.renameId}`,
      `lock|${intent.iterationId}`,
      `rename|${intent.renameId}`,
    ]);
  });

  it('finds the record of an earlier message, pending or ended', async () => {
    const intent = intentOf({ trigger: 'webhook' });
    const begun = await on.log.beginQueued(intent, LEASE_MS);
    const recorded = { kind: 'recorded', record: { renameId: intent.renameId, status: 'pending' } };
    expect(await on.other.beginQueued(intent, LEASE_MS)).toMatchObject(recorded);
    if (begun.kind === 'begun') await on.log.complete(begun.pending, OUTCOME, UNSEEN);
    expect(await on.other.beginQueued(intent, LEASE_MS)).toMatchObject({
      kind: 'recorded',
      record: { status: 'succeeded' },
    });
  });

  it('meets the lock of another rename', async () => {
    const first = await on.begin();
    expect(await on.log.beginQueued(rivalOf(first.intent), LEASE_MS)).toMatchObject({
      kind: 'locked',
      lease: { renameId: first.intent.renameId },
    });
  });

  it('recognises its own rows after a lost answer', async () => {
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const begun = await on.log.beginQueued(intentOf({ trigger: 'webhook' }), LEASE_MS);
    expect(begun).toMatchObject({ kind: 'begun', contended: false });
  });

  it('does not take a lease for its own that another process has renewed meanwhile', async () => {
    const intent = intentOf({ trigger: 'webhook' });
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    let readings = 0;
    on.proxy.hooks.onReceived = async ({ method }) => {
      readings += method === 'GET' ? 1 : 0;
      if (readings !== 2) return;
      delete on.proxy.hooks.onReceived;
      await on.other.renewLease(await on.read(intent), { durationMs: LEASE_MS, before: null });
    };
    expect((await on.log.beginQueued(intent, LEASE_MS)).kind).toBe('recorded');
  });
});
