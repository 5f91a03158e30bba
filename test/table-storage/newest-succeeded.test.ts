import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Completion } from '../../src/rename/audit-log.ts';
import type { RenameIntent, RenameOutcome } from '../../src/rename/audit-record.ts';
import { type AuditTable, intentOf, OUTCOME, rivalOf, startAuditTable, UNSEEN } from './audit-table.ts';

let on: AuditTable;
beforeAll(async () => {
  on = await startAuditTable();
});
afterEach(() => on.reset());
afterAll(() => on.stop());

async function complete(
  intent: RenameIntent,
  outcome: Partial<RenameOutcome> = {},
  completion: Completion = UNSEEN,
): Promise<void> {
  await on.log.complete(await on.begin(intent), { ...OUTCOME, ...outcome }, completion);
}

describe('newestSucceeded', () => {
  it('is the newest success of the iteration itself, in one request', async () => {
    const intent = intentOf();
    expect(await on.log.newestSucceeded(intent)).toBeNull();
    await complete({ ...rivalOf(intent), requestedName: 'older' });
    await complete({ ...rivalOf(intent), requestedName: 'newer' });
    await complete({ ...rivalOf(intent), requestedName: 'refused' }, { status: 'rejected' });
    await complete({ ...rivalOf(intent), requestedName: 'unknown' }, { status: 'unresolved' });
    const { projectId } = intent;
    await complete(intentOf({ projectId, iterationId: randomUUID(), requestedName: "another's" }));
    const since = on.proxy.journal.length;
    expect(await on.log.newestSucceeded(intent)).toEqual({ name: 'newer', lastModified: null });
    expect(on.operationsSince(since)).toEqual(['query']);
  });

  it('is the newest by the clock of the table, although ids disagree', async () => {
    const intent = intentOf();
    const ids = ['8299999999990-abcdefghij', '8299999999991-abcdefghij', '8299999999989-abcdefghij'];
    for (const [index, renameId] of ids.entries()) {
      await complete({ ...rivalOf(intent), renameId, requestedName: `name ${index + 1}` });
    }
    expect((await on.log.newestSucceeded(intent))?.name).toBe('name 3');
    const renameId = '8299999999995-abcdefghij';
    await complete({ ...rivalOf(intent), renameId, requestedName: 'by a slow clock' });
    expect((await on.log.newestSucceeded(intent))?.name).toBe('by a slow clock');
  });

  it('compares times, whatever number of digits the service writes', async () => {
    const intent = intentOf();
    await complete({ ...rivalOf(intent), requestedName: 'older' });
    await complete({ ...rivalOf(intent), requestedName: 'newer' });
    const times = new Map([
      ['older', '2026-01-01T00:00:01.12Z'],
      ['newer', '2026-01-01T00:00:01.1234567Z'],
    ]);
    const move = on.proxy.hooks.onEffect;
    on.proxy.hooks.onEffect = async (entry, answer) => {
      await move?.(entry, answer);
      const page: { value: Record<string, unknown>[] } = JSON.parse(String(answer.body));
      for (const row of page.value) row['Timestamp'] = times.get(String(row['requestedName']));
      answer.body = JSON.stringify(page);
    };
    expect((await on.log.newestSucceeded(intent))?.name).toBe('newer');
  });

  it('has the name in the form that the service wrote, and when the service modified the iteration', async () => {
    const intent = intentOf({ requestedName: 'v  2' });
    const lastModified = '2026-01-01T00:00:00.5Z';
    const iteration = { name: 'v 2', lastModified };
    await complete(intent, { appliedName: 'v 2' }, { iteration, callerIsAnswered: true });
    expect(await on.log.newestSucceeded(intent)).toEqual({ name: 'v 2', lastModified });
  });
});
