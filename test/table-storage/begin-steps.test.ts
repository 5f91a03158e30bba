import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { TableConflict } from '../../src/table-storage/renames-table.ts';
import type { StorageProxy } from '../stack/storage-proxy.ts';
import {
  type AuditTable,
  claimOf,
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

describe('begin', () => {
  it('creates the table if it is missing', async () => {
    const since = on.proxy.journal.length;
    await on.begin();
    expect(on.operationsSince(since)).toEqual(['merge', 'create-table', 'merge', 'batch']);
  });

  it('writes record, copy, lock and claim in one request, and lists the project once', async () => {
    const intent = intentOf();
    const { projectId, iterationId, renameId } = intent;
    const since = on.proxy.journal.length;
    const pending = await on.begin(intent, claimOf());
    expect(on.operationsSince(since)).toEqual(['merge', 'batch']);
    expect(await on.rowKeysOf(intent)).toEqual([
      expect.stringMatching(/^idempotency\|/),
      `iteration|${iterationId}|${renameId}`,
      `lock|${iterationId}`,
      `rename|${renameId}`,
    ]);
    expect(pending).toMatchObject({ intent, version: (await on.recordOf(intent)).etag, isGivenUp: false });
    await on.begin(intentOf({ projectId }));
    expect(on.operationsSince(since)).toEqual(['merge', 'batch', 'batch']);
  });

  it("writes the holder's own duration, and no time of its own clock, to the lock", async () => {
    const intent = intentOf();
    await on.log.begin(intent, claimOf(), null, 91_000);
    const { 'odata.metadata': _metadata, ...lock } = await on.lockOf(intent);
    expect(lock).toEqual({
      etag: expect.any(String),
      timestamp: expect.any(String),
      partitionKey: intent.projectId,
      rowKey: `lock|${intent.iterationId}`,
      renameId: intent.renameId,
      owner: expect.any(String),
      leaseMs: 91_000,
    });
  });

  it('tells when it began no later than it asked', async () => {
    const { log, monotonic } = on.instance(5000);
    const askedAtMs = monotonic();
    on.proxy.faults.inject({ kind: 'delay', delayMs: 300, when: isBatch });
    const begun = await log.begin(intentOf(), claimOf(), null, LEASE_MS);
    if (begun.kind !== 'begun') throw new Error('not begun');
    const { begunAfterMs, lease } = begun.pending;
    expect(begunAfterMs - askedAtMs).toBeLessThan(200);
    expect(begunAfterMs).toBeGreaterThanOrEqual(askedAtMs);
    expect(lease).toMatchObject({ writtenAtMs: begunAfterMs, expiresAtMs: begunAfterMs + LEASE_MS });
  });

  it('meets the lock of another rename, and writes nothing', async () => {
    const first = intentOf();
    const { projectId, iterationId, renameId } = first;
    await on.begin(first);
    const locked = await on.other.begin(rivalOf(first), claimOf(), null, LEASE_MS);
    expect(locked).toMatchObject({
      kind: 'locked',
      lease: { projectId, iterationId, renameId, isReleased: false },
    });
    expect(await on.rowKeysOf(first)).toHaveLength(4);
  });

  it('gives an iteration to exactly one of many at once', async () => {
    const intent = intentOf();
    const begun = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? on.log : on.other).begin(rivalOf(intent), claimOf(), null, LEASE_MS),
      ),
    );
    const kinds = begun.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'begun')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'locked')).toHaveLength(11);
    expect(await on.rowKeysOf(intent)).toHaveLength(4);
  });

  it('recognises its own rows after a lost answer', async () => {
    const intent = intentOf();
    const claim = claimOf();
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const pending = await on.begin(intent, claim);
    expect(pending).toMatchObject({
      intent,
      version: (await on.recordOf(intent)).etag,
      claim: { rowKey: expect.stringMatching(/^idempotency\|/), isImplied: false },
    });
    const completion = { iteration: { name: 'v2' }, callerIsAnswered: true };
    expect(await on.log.complete(pending, OUTCOME, completion)).toBe(true);
    expect(await on.log.begin(rivalOf(intent), claim, null, LEASE_MS)).toMatchObject({
      kind: 'claimed',
      claim: { iteration: { name: 'v2' }, record: { status: 'succeeded' } },
    });
  });

  it("does not take another's rows for its own after a lost answer", async () => {
    const first = intentOf();
    await on.begin(first);
    on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    expect(await on.other.begin(rivalOf(first), claimOf(), null, LEASE_MS)).toMatchObject({
      kind: 'locked',
      lease: { renameId: first.renameId },
    });
  });

  it.each([false, true])(
    'says that another rename has ended meanwhile (own answer lost: %s)',
    async (isAnswerLost) => {
      const rival = await on.begin();
      const move = on.proxy.hooks.onEffect;
      let batches = 0;
      on.proxy.hooks.onEffect = async (entry, answer) => {
        await move?.(entry, answer);
        batches += isBatch(entry) ? 1 : 0;
        // The rival ends after its lock was met and before it is looked at.
        if (!isBatch(entry) || batches !== 1) return;
        await on.log.complete(rival, OUTCOME, UNSEEN);
        if (isAnswerLost) on.proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
      };
      expect(await on.other.begin(rivalOf(rival.intent), claimOf(), null, LEASE_MS)).toMatchObject({
        kind: 'begun',
        contended: true,
      });
    },
  );

  it('is locked by one as new as itself if rivals come and go faster than it can look', async () => {
    const { table, monotonic } = on.instance(0);
    let transactions = 0;
    const contended = createAuditLog({
      table: {
        ...table,
        transact() {
          transactions += 1;
          return Promise.reject(new TableConflict('EntityAlreadyExists'));
        },
      },
      newOwner: randomUUID,
      monotonic,
    });
    const intent = intentOf();
    const found = await contended.begin(intent, claimOf(), null, LEASE_MS);
    const leftMs = found.kind === 'locked' ? found.lease.expiresAtMs - monotonic() : 0;
    expect(leftMs).toBeGreaterThan(LEASE_MS - 1000);
    expect(leftMs).toBeLessThanOrEqual(LEASE_MS);
    expect(transactions).toBe(3);
  });

  it.each<{ case: string; fault: Parameters<StorageProxy['faults']['inject']>[0] }>([
    { case: 'every answer is lost', fault: { kind: 'answer-lost', when: isBatch } },
    { case: 'the table is down', fault: { kind: 'status', status: 503 } },
    { case: 'the table forbids it', fault: { kind: 'status', status: 403 } },
  ])('throws if $case', async ({ fault }) => {
    on.proxy.faults.inject(fault);
    await expect(on.begin()).rejects.toBeInstanceOf(Error);
  });

  it.each([301, 302, 303, 307, 308])('sends its rows nowhere else: a %i is an error', async (status) => {
    const since = on.proxy.journal.length;
    on.proxy.faults.inject({ kind: 'redirect', location: `${on.proxy.endpoint}/elsewhere`, status });
    await expect(on.begin()).rejects.toBeInstanceOf(Error);
    expect(on.proxy.journal.slice(since).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
  });
});
