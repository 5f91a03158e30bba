import { randomUUID } from 'node:crypto';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lease } from '../../src/rename/audit-log.ts';
import type { RenamePointer } from '../../src/rename/queued/queued-rename.ts';
import { createSweepRenames } from '../../src/rename/recovery/sweep-renames.ts';
import { createRenameTimings } from '../../src/rename/rename-timings.ts';
import { PROJECTS_PARTITION } from '../../src/table-storage/row-keys.ts';
import { createUnfinishedRenames } from '../../src/table-storage/unfinished-renames.ts';
import { type AcceptedTable, intentOf, startAcceptedTable } from './accepted-table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HISTORY_ROWS = 3000;

let world: AcceptedTable;
let direct: TableClient;
beforeAll(async () => {
  world = await startAcceptedTable();
  direct = world.direct;
});
afterAll(() => world.stop());

/** Ended records, in the keys that real ones have. */
async function addHistory(projectId: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += 100) {
    const actions = Array.from({ length: 100 }, (_, index): TransactionAction => {
      const rowKey = `rename|${8_200_000_000_000 + from + index}-abcdefghij`;
      return ['create', { partitionKey: projectId, rowKey, status: 'succeeded' }];
    });
    await direct.submitTransaction(actions);
  }
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const listProject = (rowKey: string, atMs: number) =>
  direct.upsertEntity({
    partitionKey: PROJECTS_PARTITION,
    rowKey,
    activeOn: new Date(atMs).toISOString().slice(0, 10),
  });

describe('a sweep', () => {
  it('costs one query, two for each active project, and what its unfinished renames take, however long the history', async () => {
    const { table, log, accepted, operations } = world;
    const [stuckIn = '', lostIn = '', idle = ''] = Array.from({ length: 3 }, () => randomUUID());
    const stuck = intentOf({ projectId: stuckIn, trigger: 'http' });
    const claim = { callerId: stuck.caller.id, key: null, payload: 'payload' };
    await log.begin(stuck, claim, null, 1);
    const lost = intentOf({ projectId: lostIn });
    await accepted.accept(lost, [], null, null);
    await listProject(idle, Date.now());

    const met: Lease[] = [];
    const enqueued: RenamePointer[] = [];
    const clock = { aheadMs: 60_000 };
    const sweep = createSweepRenames({
      unfinished: createUnfinishedRenames({ table, accepted, now: Date.now }),
      settle: async (lease) => {
        const pending = await log.readPending(lease);
        if (pending !== null) met.push(pending.lease);
        return pending === null;
      },
      queue: { enqueue: async (pointer) => void enqueued.push(pointer) },
      timings: createRenameTimings(10_000),
      monotonic: () => world.monotonic() + clock.aheadMs,
      sleep: async () => {},
    });
    const operationsOfSweep = async () => {
      const since = world.since();
      await sweep(() => {});
      return operations(since).toSorted();
    };
    const readPending = Array(2).fill('get');
    const keptActive = Array(2).fill('merge');
    const queries = Array(1 + 3 * 2).fill('query');
    const before = await operationsOfSweep();
    expect(before).toEqual([...readPending, ...keptActive, ...queries]);
    await Promise.all([stuckIn, lostIn, idle].map((id) => addHistory(id, HISTORY_ROWS / 3)));
    expect(await operationsOfSweep()).toEqual(before);
    expect(met.map(({ renameId }) => renameId)).toEqual(Array(2).fill(stuck.renameId));

    clock.aheadMs = 3 * 60_000;
    expect(await operationsOfSweep()).toEqual([...readPending, ...keptActive, 'merge', ...queries]);
    expect(enqueued).toEqual([{ projectId: lostIn, renameId: lost.renameId }]);
    console.log(
      `a sweep of 3 projects, one with a stuck and one with a lost rename: ${before.length} storage`,
    );
    console.log(
      `requests, one more where the lost one is due, with ${HISTORY_ROWS} rows of history as without`,
    );
  });
});

describe('the projects that a sweep looks into', () => {
  it('are those that were active within two days', async () => {
    const { table, accepted } = world;
    const nowMs = Date.parse('2026-03-10T00:00:30.000Z');
    const ages = { today: 0, yesterday: DAY_MS, before: 2 * DAY_MS, long: 3 * DAY_MS };
    const prefix = randomUUID();
    await Promise.all(
      Object.entries(ages).map(([name, ageMs]) => listProject(`${prefix}-${name}`, nowMs - ageMs)),
    );
    const unfinished = createUnfinishedRenames({ table, accepted, now: () => nowMs });
    const found = (await all(unfinished.activeProjects())).filter((id) => id.startsWith(prefix));
    expect(found.toSorted()).toEqual([`${prefix}-before`, `${prefix}-today`, `${prefix}-yesterday`]);
  });

  it('include one with work left, for as long as that is so', async () => {
    const { table, accepted } = world;
    const projectId = randomUUID();
    const nowMs = Date.parse('2026-03-10T00:00:00.000Z');
    await listProject(projectId, nowMs - DAY_MS);
    const unfinishedAt = (ms: number) => createUnfinishedRenames({ table, accepted, now: () => ms });
    await unfinishedAt(nowMs + DAY_MS).keepActive(projectId);
    expect(await all(unfinishedAt(nowMs + 3 * DAY_MS).activeProjects())).toContain(projectId);
    expect(await all(unfinishedAt(nowMs + 4 * DAY_MS).activeProjects())).not.toContain(projectId);
  });

  it('are listed anew on the first rename of each day, by one request', async () => {
    const projectId = randomUUID();
    const nowMs = { value: Date.parse('2026-03-10T23:59:59.000Z') };
    const { accepted } = world.at(() => nowMs.value);
    const upserts = async () => {
      const since = world.since();
      await accepted.accept(intentOf({ projectId }), [], null, null);
      return world.operations(since);
    };
    expect(await upserts()).toEqual(['merge', 'batch']);
    expect(await upserts()).toEqual(['batch']);
    nowMs.value += 1000;
    expect(await upserts()).toEqual(['merge', 'batch']);
    const row = await direct.getEntity<{ activeOn: string }>(PROJECTS_PARTITION, projectId);
    expect(row.activeOn).toBe('2026-03-11');
  });
});

describe('an accepted rename in the index', () => {
  it('has the time of its last touch, on the reader’s clock', async () => {
    const { table, accepted, monotonic } = world;
    const intent = intentOf({});
    await accepted.accept(intent, [], null, null);
    const unfinished = createUnfinishedRenames({ table, accepted, now: Date.now });
    const touchedAtMs = async () => {
      const [row] = await all(unfinished.acceptedOf(intent.projectId));
      expect(row?.renameId).toBe(intent.renameId);
      return row?.touchedAtMs ?? Number.NaN;
    };
    const first = await touchedAtMs();
    expect(Math.abs(monotonic() - first)).toBeLessThan(2500);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const second = await touchedAtMs();
    expect(Math.abs(second - first)).toBeLessThan(1500); // it grows older
    await unfinished.touch(intent);
    expect((await touchedAtMs()) - first).toBeGreaterThan(1000);
  });

  it('is gone once the rename has begun, and a touch then changes nothing', async () => {
    const { table, accepted } = world;
    const intent = intentOf({});
    await accepted.accept(intent, [], null, null);
    const found = await accepted.find(intent);
    if (found.kind !== 'accepted') throw new Error(found.kind);
    await accepted.begin(found.accepted, 30_000);
    const unfinished = createUnfinishedRenames({ table, accepted, now: Date.now });
    await unfinished.touch(intent);
    expect(await all(unfinished.acceptedOf(intent.projectId))).toEqual([]);
    expect(await all(unfinished.leasesOf(intent.projectId))).toMatchObject([{ renameId: intent.renameId }]);
  });
});
