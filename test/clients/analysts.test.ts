import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from '../functions/rename-proxy.ts';

// People who read the table itself: Excel, Power BI, Azure.Data.Tables.

let proxy: RenameProxy;
let table: TableClient;
beforeAll(async () => {
  proxy = await startRenameProxy();
  table = TableClient.fromConnectionString(proxy.stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
});
afterAll(() => proxy.stop());

async function count(filter: string): Promise<number> {
  let found = 0;
  for await (const _row of table.listEntities({ queryOptions: { filter } })) found += 1;
  return found;
}

it('find renames by date, as the table compares dates, and count each once by its status', async () => {
  const iteration = proxy.seed();
  const before = new Date().toISOString();
  await proxy.rename(iteration, { name: 'counted' });
  const after = new Date(Date.now() + 1).toISOString();
  const ofProject = `PartitionKey eq '${iteration.projectId}'`;
  const between = `requestedAt ge datetime'${before}' and completedAt lt datetime'${after}'`;
  expect(await count(`${ofProject} and RowKey lt 'rename}' and RowKey ge 'rename|' and ${between}`)).toBe(1);
  expect(await count(`${ofProject} and status eq 'succeeded'`)).toBe(1);
  expect(await count(`${ofProject} and copiedStatus eq 'succeeded'`)).toBe(1);
});

it('read times as dates and durations in 64 bits', async () => {
  const iteration = proxy.seed();
  await proxy.rename(iteration, {});
  const [record] = await proxy.records(iteration.projectId);
  expect(record?.['requestedAt']).toBeInstanceOf(Date);
  expect(record?.['completedAt']).toBeInstanceOf(Date);
  expect(record?.['durationMs']).toBeTypeOf('bigint');
});

it('read the history of an iteration in one request', async () => {
  const iteration = proxy.seed();
  for (const name of ['a', 'b']) await proxy.rename(iteration, { name });
  proxy.stack.tables.journal.length = 0;
  const { projectId, iterationId } = iteration;
  const answer = await fetch(`${proxy.app.url}/projects/${projectId}/renames?iterationId=${iterationId}`, {
    headers: { 'x-functions-key': proxy.app.functionKey },
  });
  expect(await answer.json()).toMatchObject({
    renames: [
      {
        status: 'succeeded',
        previousName: 'a',
        durationMs: expect.any(Number),
        requestedAt: expect.any(String),
      },
      { status: 'succeeded', requestedName: 'a' },
    ],
  });
  expect(proxy.stack.tables.journal).toHaveLength(1);
});
