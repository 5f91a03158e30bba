import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditTable,
  claimOf,
  impliedClaim,
  intentOf,
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

describe('readPending', () => {
  it.each([
    { kind: 'given', claim: claimOf(), isImplied: false },
    { kind: 'implied', claim: impliedClaim(), isImplied: true },
  ])('reads what begin wrote, with the $kind key, in two requests', async ({ claim, isImplied }) => {
    const begun = await on.begin(intentOf({ traceId: 'trace', replaces: 'earlier' }), claim);
    const since = on.proxy.journal.length;
    const read = await on.other.readPending(begun.intent);
    expect(on.operationsSince(since)).toEqual(['get', 'get']);
    const { intent, version, isGivenUp, unreadableForMs } = begun;
    expect(read).toMatchObject({ intent, version, isGivenUp, unreadableForMs });
    expect(read?.claim).toEqual({ rowKey: begun.claim?.rowKey, isImplied });
    expect(read?.lease).toMatchObject({ isReleased: false, lastFailure: null, before: null });
  });

  it('has one version: one that was read completes a rename as well as one that was begun', async () => {
    const { intent } = await on.begin();
    expect(await on.other.complete(await on.read(intent), OUTCOME, UNSEEN)).toBe(true);
  });

  it('has no claim if the rename came from the queue', async () => {
    const intent = intentOf({ trigger: 'webhook' });
    await on.log.beginQueued(intent, 1000);
    expect((await on.read(intent)).claim).toBeNull();
  });

  it('reads nothing of a rename that has ended, even if another one has the lock', async () => {
    const pending = await on.begin();
    await on.log.complete(pending, OUTCOME, UNSEEN);
    expect(await on.log.readPending(pending.intent)).toBeNull();
    await on.begin(rivalOf(pending.intent));
    expect(await on.log.readPending(pending.intent)).toBeNull();
  });

  it.each(['record', 'lock'])('reads nothing of a rename that ends before its %s is read', async (row) => {
    const pending = await on.begin();
    const key = row === 'record' ? `rename|${pending.intent.renameId}` : 'lock|';
    on.proxy.hooks.onReceived = async ({ method, path }) => {
      if (method !== 'GET' || !decodeURIComponent(path).includes(key)) return;
      delete on.proxy.hooks.onReceived;
      // The other row has been read as it was: the two requests leave at once, and this one is late.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await on.log.complete(pending, OUTCOME, UNSEEN);
      await on.begin(rivalOf(pending.intent));
    };
    expect(await on.other.readPending(pending.intent)).toBeNull();
  });

  it('throws if a lock points to no record', async () => {
    await expect(on.log.readPending(intentOf())).rejects.toThrow('a lock points to no record');
  });
});
