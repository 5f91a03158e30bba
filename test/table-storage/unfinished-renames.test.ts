import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSweepRenames } from '../../src/rename/recovery/sweep-renames.ts';
import type { Lease } from '../../src/rename/audit-log.ts';
import { PROJECTS_PARTITION } from '../../src/table-storage/row-keys.ts';
import { createUnfinishedRenames } from '../../src/table-storage/unfinished-renames.ts';
import { type AuditTable, CLOCK_TOLERANCE_MS, intentOf, LEASE_MS, startAuditTable } from './audit-table.ts';

const PROJECTS = 3;
const STUCK = 2;
const HISTORY_ROWS = 3000;

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => on.reset());
afterAll(() => on.stop());

/** Ended records, in the keys that real ones have. */
async function addHistory(projectId: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += 100) {
    const actions = Array.from({ length: 100 }, (_, index): TransactionAction => {
      const rowKey = `rename|${8_200_000_000_000 + from + index}-abcdefghij`;
      return ['create', { partitionKey: projectId, rowKey, status: 'succeeded' }];
    });
    await on.direct.submitTransaction(actions);
  }
}

it('costs a sweep one request, one for each project, and what the stuck renames take, however long the history', async () => {
  const { table, log, monotonic } = on.instance(0);
  const projects = Array.from({ length: PROJECTS }, () => randomUUID());
  await table.create();
  for (const projectId of projects) await table.upsert(PROJECTS_PARTITION, projectId);
  const [stuckIn = ''] = projects;
  for (let index = 1; index <= STUCK; index += 1) {
    await log.beginQueued(intentOf({ projectId: stuckIn }), LEASE_MS);
  }

  const met: Pick<Lease, 'projectId'>[] = [];
  const sweep = createSweepRenames({
    unfinished: createUnfinishedRenames({ table }),
    async settle(lease) {
      met.push(lease);
      return (await log.readPending(lease)) === null;
    },
    monotonic,
    sleep: async () => {},
  });
  const operationsOfSweep = async () => {
    const since = on.proxy.journal.length;
    await sweep(() => {});
    return on.operationsSince(since);
  };
  expect(await operationsOfSweep()).toEqual(Array(1 + PROJECTS).fill('query'));
  expect(met).toEqual([]);
  on.passTime(LEASE_MS + 1000);
  const before = await operationsOfSweep();
  await Promise.all(projects.map((projectId) => addHistory(projectId, HISTORY_ROWS / PROJECTS)));
  const after = await operationsOfSweep();
  console.log(
    `a sweep of ${PROJECTS} projects with ${STUCK} stuck renames: ${after.length} storage requests,`,
  );
  console.log(`with ${HISTORY_ROWS} rows of history as without`);
  expect(before).toEqual([...Array(1 + PROJECTS).fill('query'), ...Array(2 * STUCK).fill('get')]);
  expect(after).toEqual(before);
  expect(met.map(({ projectId }) => projectId)).toEqual(Array(2 * STUCK).fill(stuckIn));
});

it('reads each lock with the lease of its holder, on the clock of the table', async () => {
  const { table, log, monotonic } = on.instance(7_000_000);
  const intent = intentOf();
  const begun = await log.beginQueued(intent, 90_000);
  if (begun.kind !== 'begun') throw new Error('not begun');
  const { projectId, iterationId, renameId } = intent;
  const leases = async () => {
    const found: Lease[] = [];
    for await (const lease of createUnfinishedRenames({ table }).locksOf(projectId)) found.push(lease);
    return found;
  };
  const [lease] = await leases();
  expect(lease).toMatchObject({ projectId, iterationId, renameId, isReleased: false });
  expect(Math.abs((lease?.expiresAtMs ?? 0) - begun.pending.lease.expiresAtMs)).toBeLessThan(
    CLOCK_TOLERANCE_MS,
  );
  on.passTime(90_000);
  expect((await leases())[0]?.expiresAtMs).toBeLessThan(monotonic() + CLOCK_TOLERANCE_MS);
  await log.release(begun.pending, 'upstream_throttled');
  expect(await leases()).toMatchObject([{ isReleased: true, lastFailure: 'upstream_throttled' }]);
});
