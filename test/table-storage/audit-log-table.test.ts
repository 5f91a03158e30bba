import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSendRequest } from '../../src/outbound/send-request.ts';
import type { IdempotencyClaim } from '../../src/rename/audit-log.ts';
import type { RenameIntent, RenameOutcome } from '../../src/rename/audit-record.ts';
import { createAuditLog } from '../../src/table-storage/audit-log-table.ts';
import { createRenamesTable, TableConflict } from '../../src/table-storage/renames-table.ts';
import { createTableClient } from '../../src/table-storage/table-client.ts';
import { type Azurite, startAzurite, storageConnectionString } from '../stack/azurite.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { startStorageProxy, type StorageProxy } from '../stack/storage-proxy.ts';

let azurite: Azurite;
let proxy: StorageProxy;
let direct: TableClient;
/** Two instances of the app on one table. */
let log: ReturnType<typeof createAuditLog>;
let other: ReturnType<typeof createAuditLog>;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startStorageProxy({ target: azurite.tableEndpoint });
  const connectionString = storageConnectionString({ ...azurite, tableEndpoint: proxy.endpoint });
  const create = () =>
    createAuditLog({
      table: createRenamesTable(
        createTableClient({ kind: 'connection-string', connectionString }),
        createSendRequest(),
      ),
      newOwner: () => randomUUID(),
    });
  log = create();
  other = create();
  direct = TableClient.fromConnectionString(azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
});
afterEach(() => proxy.faults.clear());
afterAll(() => Promise.all([proxy.stop(), azurite.stop()]));

let renames = 0;
function intentOf(more: Partial<RenameIntent> = {}): RenameIntent {
  renames += 1;
  return {
    renameId: `${9_999_999_999_999 - 1_700_000_000_000 - renames}-abcdefghij`,
    resource: 'default',
    endpointHost: 'japaneast.api.cognitive.microsoft.com',
    apiVersion: 'v3.2',
    projectId: randomUUID(),
    iterationId: randomUUID(),
    requestedName: 'v2',
    caller: { kind: 'function-key', id: 'function-key', name: null },
    trigger: 'http',
    traceId: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    replaces: null,
    ...more,
  };
}

const OUTCOME: RenameOutcome = {
  status: 'succeeded',
  previousName: 'v1',
  completedAt: '2026-01-01T00:00:01.000Z',
  durationMs: 1000,
  attempts: 1,
  upstreamStatus: 200,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: 'request-1',
  evidence: 'response',
};
const claimOf = (payload = 'p', key = 'key'): IdempotencyClaim => ({
  callerId: 'function-key',
  key,
  payload,
});
const isBatch = ({ path }: ReceivedRequest) => path.endsWith('$batch');

async function begin(...[intent, claim = null, released = null]: Partial<Parameters<typeof log.begin>>) {
  const begun = await log.begin(intent ?? intentOf(), claim, released);
  if (begun.kind !== 'begun') throw new Error(`not begun: ${begun.kind}`);
  return begun.pending;
}

async function rowKeysOf({ projectId }: RenameIntent): Promise<string[]> {
  const keys: string[] = [];
  const filter = `PartitionKey eq '${projectId}'`;
  for await (const { rowKey } of direct.listEntities({ queryOptions: { filter } })) keys.push(rowKey ?? '');
  return keys;
}

const recordOf = ({ projectId, renameId }: RenameIntent) => direct.getEntity(projectId, `rename|${renameId}`);
const copyOf = ({ projectId, iterationId, renameId }: RenameIntent) =>
  direct.getEntity(projectId, `iteration|${iterationId}|${renameId}`);
const operationsSince = (since: number) => proxy.operations(since).map(({ operation }) => operation);

describe('to begin', () => {
  it('makes the table where it is missing', async () => {
    const since = proxy.journal.length;
    await begin();
    expect(operationsSince(since)).toEqual(['merge', 'create-table', 'merge', 'batch']);
  });

  it('writes the record, its copy and the lock in one request, and lists the project once', async () => {
    const intent = intentOf();
    const since = proxy.journal.length;
    await begin(intent);
    expect(operationsSince(since)).toEqual(['merge', 'batch']);
    const { projectId, iterationId, renameId } = intent;
    expect(await rowKeysOf(intent)).toEqual([
      `iteration|${iterationId}|${renameId}`,
      `lock|${iterationId}`,
      `rename|${renameId}`,
    ]);
    expect(await direct.getEntity(projectId, `lock|${iterationId}`)).toMatchObject({
      renameId,
      leasedAt: intent.requestedAt,
    });
    await begin(intentOf({ projectId }));
    expect(operationsSince(since)).toEqual(['merge', 'batch', 'batch']);
  });

  it('meets the lock of another, and writes nothing', async () => {
    const first = intentOf();
    await begin(first);
    const second = intentOf({ projectId: first.projectId, iterationId: first.iterationId });
    expect(await other.begin(second, null, null)).toEqual({
      kind: 'locked',
      lock: {
        projectId: first.projectId,
        iterationId: first.iterationId,
        renameId: first.renameId,
        leasedAtMs: Date.parse(first.requestedAt),
      },
    });
    expect(await rowKeysOf(first)).toHaveLength(3);
  });

  it('lets exactly one of many have an iteration', async () => {
    const { projectId, iterationId } = intentOf();
    const begun = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? log : other).begin(intentOf({ projectId, iterationId }), null, null),
      ),
    );
    const kinds = begun.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'begun')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'locked')).toHaveLength(11);
    expect(await rowKeysOf(intentOf({ projectId }))).toHaveLength(3);
  });

  it('knows its own rows again where the answer was lost', async () => {
    const intent = intentOf();
    proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const pending = await begin(intent);
    expect(pending.intent).toMatchObject(intent);
    expect(pending.versions).toEqual({
      record: (await recordOf(intent)).etag,
      copy: (await copyOf(intent)).etag,
    });
    expect(await log.complete(pending, OUTCOME, null)).toBe(true);
    expect(await recordOf(intent)).toMatchObject({ status: 'succeeded' });
  });

  it('knows its own rows again with their claim too', async () => {
    const intent = intentOf();
    proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const pending = await begin(intent, claimOf());
    expect(pending.claimRowKey).toMatch(/^idempotency\|/);
    expect(await log.complete(pending, OUTCOME, { name: 'v2', id: intent.iterationId })).toBe(true);
    expect(await log.begin(intentOf({ projectId: intent.projectId }), claimOf(), null)).toMatchObject({
      kind: 'claimed',
      claim: { iteration: { name: 'v2' } },
    });
  });

  it("does not take another's rows for its own where the answer was lost", async () => {
    const first = intentOf();
    await begin(first);
    proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const second = intentOf({ projectId: first.projectId, iterationId: first.iterationId });
    expect(await other.begin(second, null, null)).toMatchObject({
      kind: 'locked',
      lock: { renameId: first.renameId },
    });
  });

  it.each<{ case: string; fault: Parameters<StorageProxy['faults']['inject']>[0] }>([
    { case: 'every answer is lost', fault: { kind: 'answer-lost', when: isBatch } },
    { case: 'the table is down', fault: { kind: 'status', status: 503 } },
    { case: 'the table forbids it', fault: { kind: 'status', status: 403 } },
  ])('throws where $case', async ({ fault }) => {
    proxy.faults.inject(fault);
    await expect(log.begin(intentOf(), null, null)).rejects.toBeInstanceOf(Error);
  });

  it.each([301, 302, 303, 307, 308])('goes nowhere else with its rows: a %i is an error', async (status) => {
    const since = proxy.journal.length;
    proxy.faults.inject({ kind: 'redirect', location: `${proxy.endpoint}/elsewhere`, status });
    await expect(log.begin(intentOf(), null, null)).rejects.toBeInstanceOf(Error);
    expect(proxy.journal.slice(since).filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
  });

  it('keeps texts that would be a filter, a key or a row of their own as they are', async () => {
    const intent = intentOf({
      requestedName: `' or PartitionKey ne '`,
      caller: { kind: 'entra-user', id: `entra:x' or true`, name: 'a/b\\c#d?e|f' },
    });
    const claim = { callerId: `a/b\\c#d?e|f' or true`, key: `' or 1 eq 1 /\\#?`, payload: 'p' };
    const pending = await begin(intent, claim);
    expect(await log.complete(pending, OUTCOME, null)).toBe(true);
    expect(await recordOf(intent)).toMatchObject({
      requestedName: `' or PartitionKey ne '`,
      callerName: 'a/b\\c#d?e|f',
    });
    expect(await log.newestSucceededName(intent)).toBe(`' or PartitionKey ne '`);
  });
});

describe('a claim on an idempotency key', () => {
  it('is met by the next request with the key, with the record and whether it asks for the same', async () => {
    const intent = intentOf();
    const pending = await begin(intent, claimOf());
    const again = intentOf({ projectId: intent.projectId, iterationId: intent.iterationId });
    expect(await other.begin(again, claimOf(), null)).toMatchObject({
      kind: 'claimed',
      claim: { samePayload: true, iteration: null, record: { renameId: intent.renameId, status: 'pending' } },
    });
    await log.complete(pending, OUTCOME, { id: intent.iterationId, name: 'v2', newer: [1] });
    const claimed = await other.begin(again, claimOf('another payload'), null);
    expect(claimed).toMatchObject({
      kind: 'claimed',
      claim: {
        samePayload: false,
        iteration: { id: intent.iterationId, name: 'v2', newer: [1] },
        record: { status: 'succeeded', previousName: 'v1', upstreamRequestId: 'request-1' },
      },
    });
  });

  it.each([
    { case: 'another caller', callerId: 'webhook:a', key: 'key' },
    { case: 'another key', callerId: 'function-key', key: 'Key' },
    { case: 'a caller and key that read alike together', callerId: 'function-ke', key: 'ykey' },
  ])('is none of $case', async ({ callerId, key }) => {
    const intent = intentOf();
    await begin(intent, claimOf());
    const next = intentOf({ projectId: intent.projectId });
    expect(await log.begin(next, { callerId, key, payload: 'p' }, null)).toMatchObject({ kind: 'begun' });
  });

  it('can be taken over once it is released, by one only', async () => {
    const intent = intentOf();
    const pending = await begin(intent, claimOf());
    await log.complete(pending, { ...OUTCOME, status: 'not_applied' }, null);
    const { projectId, iterationId } = intent;
    const found = await log.begin(intentOf({ projectId, iterationId }), claimOf(), null);
    const released = found.kind === 'claimed' ? found.claim : null;
    const taken = await Promise.all(
      [log, other].map((one) => one.begin(intentOf({ projectId, iterationId }), claimOf(), released)),
    );
    expect(taken.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'begun',
      'claimed',
    ]);
  });

  it('cannot be taken over by one who saw it released before another took it, and finished', async () => {
    const intent = intentOf();
    const { projectId, iterationId } = intent;
    await log.complete(await begin(intent, claimOf()), { ...OUTCOME, status: 'not_applied' }, null);
    const found = await log.begin(intentOf({ projectId, iterationId }), claimOf(), null);
    const released = found.kind === 'claimed' ? found.claim : null;
    const taken = intentOf({ projectId, iterationId });
    await log.complete(await begin(taken, claimOf(), released), OUTCOME, null);
    expect(await other.begin(intentOf({ projectId, iterationId }), claimOf(), released)).toMatchObject({
      kind: 'claimed',
      claim: { record: { renameId: taken.renameId, status: 'succeeded' } },
    });
  });

  it('that is released meets the lock of another, so that it can be settled where it is abandoned', async () => {
    const intent = intentOf();
    const { projectId, iterationId } = intent;
    await log.complete(await begin(intent, claimOf()), { ...OUTCOME, status: 'not_applied' }, null);
    const found = await log.begin(intentOf({ projectId, iterationId }), claimOf(), null);
    const released = found.kind === 'claimed' ? found.claim : null;
    const holder = intentOf({ projectId, iterationId });
    await begin(holder);
    expect(await other.begin(intentOf({ projectId, iterationId }), claimOf(), released)).toMatchObject({
      kind: 'locked',
      lock: { renameId: holder.renameId },
    });
  });

  it('keeps no answer that is larger than a property may be', async () => {
    const intent = intentOf();
    const pending = await begin(intent, claimOf());
    expect(await log.complete(pending, OUTCOME, { name: 'v2', more: 'x'.repeat(32 * 1024) })).toBe(true);
    expect(await log.begin(intentOf({ projectId: intent.projectId }), claimOf(), null)).toMatchObject({
      kind: 'claimed',
      claim: { iteration: null, record: { status: 'succeeded' } },
    });
  });
});

describe('to complete', () => {
  it('updates both copies alike and deletes the lock, in one request', async () => {
    const intent = intentOf();
    const pending = await begin(intent);
    const since = proxy.journal.length;
    expect(await log.complete(pending, OUTCOME, null)).toBe(true);
    expect(operationsSince(since)).toEqual(['batch']);
    const strip = ({
      rowKey: _key,
      etag: _etag,
      timestamp: _at,
      ...row
    }: Awaited<ReturnType<typeof recordOf>>) => row;
    expect(strip(await copyOf(intent))).toEqual(strip(await recordOf(intent)));
    expect(await rowKeysOf(intent)).toHaveLength(2);
  });

  it('keeps what the upstream said as it is, even where it reads like a part of the request', async () => {
    const pending = await begin(intentOf({ requestedName: 'é 線路 🚀' }));
    const upstreamMessage = 'a\r\n--batch\r\nDELETE /renames HTTP/1.1\r\n\r\n--changeset--\r\n\u0000"é🚀';
    expect(await log.complete(pending, { ...OUTCOME, status: 'rejected', upstreamMessage }, null)).toBe(true);
    expect(await recordOf(pending.intent)).toMatchObject({ requestedName: 'é 線路 🚀', upstreamMessage });
    expect(await copyOf(pending.intent)).toMatchObject({ requestedName: 'é 線路 🚀', upstreamMessage });
  });

  it('succeeds where only its answer was lost', async () => {
    const pending = await begin();
    proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    expect(await log.complete(pending, OUTCOME, null)).toBe(true);
    expect(await recordOf(pending.intent)).toMatchObject({ status: 'succeeded' });
  });

  it('fails where somebody else has settled the rename first, and changes nothing', async () => {
    const pending = await begin();
    const lock = { ...pending.intent, leasedAtMs: 0 };
    const reread = await other.readPending(lock);
    if (reread === null) throw new Error('not open');
    expect(await other.complete(reread, { ...OUTCOME, status: 'not_applied', attempts: null }, null)).toBe(
      true,
    );
    expect(await log.complete(pending, OUTCOME, null)).toBe(false);
    expect(await recordOf(pending.intent)).toMatchObject({ status: 'not_applied' });
    expect(await copyOf(pending.intent)).toMatchObject({ status: 'not_applied' });
    expect(await other.readPending(lock)).toBeNull();
  });

  it('has one winner of two at once', async () => {
    const pending = await begin();
    const outcomes = await Promise.all([
      log.complete(pending, OUTCOME, null),
      other.complete(pending, { ...OUTCOME, status: 'not_applied' }, null),
    ]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const { status } = await recordOf(pending.intent);
    expect(status).toBe(outcomes[0] ? 'succeeded' : 'not_applied');
    expect((await copyOf(pending.intent))['status']).toBe(status);
  });

  it("never frees the lock of another's rename", async () => {
    const first = await begin();
    const { projectId, iterationId } = first.intent;
    expect(await log.complete(first, OUTCOME, null)).toBe(true);
    const second = await begin(intentOf({ projectId, iterationId }));
    expect(await log.complete(first, { ...OUTCOME, durationMs: 7 }, null)).toBe(false);
    expect(await rowKeysOf(second.intent)).toContain(`lock|${iterationId}`);
  });

  it('throws where the table breaks off, and leaves the record pending', async () => {
    const pending = await begin();
    proxy.faults.inject({ kind: 'reset', when: isBatch });
    await expect(log.complete(pending, OUTCOME, null)).rejects.toBeInstanceOf(Error);
    await proxy.faults.clear();
    expect(await recordOf(pending.intent)).toMatchObject({ status: 'pending' });
  });
});

describe('to hold anew', () => {
  const lease = { leasedAtMs: Date.parse('2026-01-01T00:01:00.000Z'), lastFailure: null, isGivenUp: false };

  it('begins the quarantine again, on the lock too, and shuts out all who have read the versions before', async () => {
    const intent = intentOf();
    const pending = await begin(intent);
    const renewed = await other.renewLease(pending, lease);
    expect(renewed).toMatchObject({ intent, lease });
    const { projectId, iterationId, renameId } = intent;
    const lock = { projectId, iterationId, renameId, leasedAtMs: lease.leasedAtMs };
    expect(await log.begin(intentOf({ projectId, iterationId }), null, null)).toEqual({
      kind: 'locked',
      lock,
    });
    expect(await log.readPending(lock)).toMatchObject({ lease, versions: renewed?.versions });

    expect(await log.complete(pending, OUTCOME, null)).toBe(false);
    expect(await log.renewLease(pending, lease)).toBe(null);
    expect(await recordOf(intent)).toMatchObject({ status: 'pending' });
    expect(renewed === null ? null : await other.complete(renewed, OUTCOME, null)).toBe(true);
  });

  it('has one winner of two at once', async () => {
    const pending = await begin();
    const both = await Promise.all([log.renewLease(pending, lease), other.renewLease(pending, lease)]);
    expect(both.filter((renewed) => renewed !== null)).toHaveLength(1);
  });

  it('succeeds where only its answer was lost', async () => {
    const pending = await begin();
    proxy.faults.inject({ kind: 'answer-lost', when: isBatch, times: 1 });
    const renewed = await log.renewLease(pending, lease);
    if (renewed === null) throw new Error('not renewed');
    expect(await log.complete(renewed, OUTCOME, null)).toBe(true);
  });
});

describe('the newest succeeded name', () => {
  it('is of the iteration itself, of a success, and the newest', async () => {
    const { projectId, iterationId } = intentOf();
    const complete = async (more: Partial<RenameIntent>, status: RenameOutcome['status']) =>
      log.complete(await begin(intentOf({ projectId, iterationId, ...more })), { ...OUTCOME, status }, null);
    expect(await log.newestSucceededName(intentOf({ projectId, iterationId }))).toBeNull();
    await complete({ requestedName: 'older' }, 'succeeded');
    await complete({ requestedName: 'newer' }, 'succeeded');
    await complete({ requestedName: 'refused' }, 'rejected');
    await complete({ requestedName: 'of another', iterationId: randomUUID() }, 'succeeded');
    expect(await log.newestSucceededName(intentOf({ projectId, iterationId }))).toBe('newer');
  });
});

describe('where rivals come and go between a refused insert and the look at who it was', () => {
  it('is as good as locked, by one as new as this', async () => {
    let transactions = 0;
    const contended = createAuditLog({
      table: {
        ...createRenamesTable(direct, createSendRequest()),
        transact() {
          transactions += 1;
          return Promise.reject(new TableConflict('EntityAlreadyExists'));
        },
      },
      newOwner: () => randomUUID(),
    });
    const intent = intentOf();
    const { projectId, iterationId, renameId, requestedAt } = intent;
    expect(await contended.begin(intent, null, null)).toEqual({
      kind: 'locked',
      lock: { projectId, iterationId, renameId, leasedAtMs: Date.parse(requestedAt) },
    });
    expect(transactions).toBe(3);
  });
});
