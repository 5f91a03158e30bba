import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditTable,
  intentOf,
  isBatch,
  NOT_APPLIED,
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

describe('complete', () => {
  it('updates record and copy alike and deletes the lock, in one request', async () => {
    const intent = intentOf();
    const pending = await on.begin(intent);
    const since = on.proxy.journal.length;
    expect(await on.log.complete(pending, { ...OUTCOME, appliedName: 'V2' }, UNSEEN)).toBe(true);
    expect(on.operationsSince(since)).toEqual(['batch']);
    const { rowKey: _key, etag: _etag, timestamp: _time, status, ...record } = await on.recordOf(intent);
    expect(await on.copyOf(intent)).toMatchObject({ ...record, copiedStatus: status });
    expect(await on.copyOf(intent)).not.toHaveProperty('status');
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

  it('keeps texts that would be a filter, a key or a row of their own as they are', async () => {
    const intent = intentOf({
      requestedName: `' or PartitionKey ne '`,
      caller: { kind: 'entra-user', id: `entra:x' or true`, name: 'a/b\\c#d?e|f' },
    });
    const claim = { callerId: `a/b\\c#d?e|f' or true`, key: `' or 1 eq 1 /\\#?`, payload: 'p' };
    const pending = await on.begin(intent, claim);
    expect(await on.log.complete(pending, OUTCOME, UNSEEN)).toBe(true);
    expect(await on.recordOf(intent)).toMatchObject({
      requestedName: `' or PartitionKey ne '`,
      callerName: 'a/b\\c#d?e|f',
    });
    expect(await on.log.newestSucceeded(intent)).toMatchObject({ name: `' or PartitionKey ne '` });
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
    expect(await on.copyOf(pending.intent)).toMatchObject({ copiedStatus: 'not_applied' });
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
    expect((await on.copyOf(pending.intent))['copiedStatus']).toBe(status);
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
