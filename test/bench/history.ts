import { randomUUID } from 'node:crypto';
import { odata, TableClient, type TransactionAction } from '@azure/data-tables';
import { rangeOf } from '../../src/table-storage/row-keys.ts';
import type { BenchStack } from './bench-stack.ts';
import { median } from './statistics.ts';

const SMALL = 1000;
const LARGE = 100_000;

/** The first page, and one iteration's page, of a project with many records against one with few. */
export async function compareHistories(
  bench: BenchStack,
  rounds: number,
): Promise<Record<string, Record<string, number>>> {
  const { stack } = bench;
  const storage = stack.settings['RENAME_STORAGE'] ?? '';
  const app = await stack.startApp({ settings: { ...bench.settings, RENAME_STORAGE: storage } });
  const records = TableClient.fromConnectionString(stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  await records.createTable();
  const small = { projectId: randomUUID(), iterationId: randomUUID() };
  const large = { projectId: randomUUID(), iterationId: randomUUID() };
  await seed(records, small, SMALL);
  await seed(records, large, LARGE);

  const pages = {
    'first page': ({ projectId }: Project) => `/projects/${projectId}/renames`,
    "one iteration's page": ({ projectId, iterationId }: Project) =>
      `/projects/${projectId}/renames?iterationId=${iterationId}`,
  };
  const lines: Record<string, Record<string, number>> = {};
  for (const [name, pathOf] of Object.entries(pages)) {
    const times = { small: new Array<number>(), large: new Array<number>() };
    const emulatorTimes = { small: new Array<number>(), large: new Array<number>() };
    const before = stack.tables.operations().length;
    for (let round = -1; round < rounds; round += 1) {
      for (const [size, project] of Object.entries({ small, large })) {
        const startedMs = performance.now();
        const answer = await fetch(`${app.url}${pathOf(project)}`, {
          headers: { 'x-functions-key': app.functionKey },
        });
        const { renames }: { renames: unknown[] } = JSON.parse(await answer.text());
        if (renames.length !== 100) throw new Error(`a page of ${renames.length} records`);
        const elapsedMs = performance.now() - startedMs;
        const emulatorMs = await timeQuery(records, queryOf(name, project));
        if (round < 0) continue;
        times[size === 'small' ? 'small' : 'large'].push(elapsedMs);
        emulatorTimes[size === 'small' ? 'small' : 'large'].push(emulatorMs);
      }
    }
    const ofProjects = ({ path }: { path: string }) =>
      path.includes(small.projectId) || path.includes(large.projectId); // the sweep reads other rows
    const requests = stack.tables.operations(before).filter(ofProjects).length;
    const [smallMs, largeMs] = [median(times.small), median(times.large)];
    lines[name] = {
      [`${LARGE} x ${SMALL}`]: rounded(largeMs / smallMs),
      [`${SMALL} records ms`]: Math.round(smallMs * 10) / 10,
      [`${LARGE} records ms`]: Math.round(largeMs * 10) / 10,
      'storage requests a page': requests / (2 * (rounds + 1)),
      'the same query, emulator alone': rounded(median(emulatorTimes.large) / median(emulatorTimes.small)),
    };
  }
  await app.stop();
  return lines;
}

/** The app's query, sent directly to the table: its time is the emulator's own. */
function queryOf(page: string, { projectId, iterationId }: Project): string {
  const prefix = page === 'first page' ? 'rename|' : `iteration|${iterationId}|`;
  const { from, until } = rangeOf(prefix);
  return odata`PartitionKey eq ${projectId} and RowKey gt ${from} and RowKey lt ${until}`;
}

async function timeQuery(records: TableClient, filter: string): Promise<number> {
  const startedMs = performance.now();
  for await (const page of records.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 100 })) {
    if (page.length !== 100) throw new Error(`a page of ${page.length} rows`);
    break;
  }
  return performance.now() - startedMs;
}

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

interface Project {
  readonly projectId: string;
  readonly iterationId: string;
}

/**
 * Two rows a record, as the app writes them; at least 100 records, one in a hundred of a large project, are
 * of the project's iteration.
 */
async function seed(records: TableClient, { projectId, iterationId }: Project, count: number): Promise<void> {
  const every = Math.max(1, Math.floor(count / 1000));
  let actions: TransactionAction[] = [];
  for (let index = 0; index < count; index += 1) {
    const requestedAtMs = 1_700_000_000_000 + index;
    const renameId = `${9_999_999_999_999 - requestedAtMs}-abcdefghij`;
    const record = {
      renameId,
      resource: 'default',
      endpointHost: 'japaneast.api.cognitive.microsoft.com',
      apiVersion: 'v3.2',
      projectId,
      iterationId: index % every === 0 ? iterationId : randomUUID(),
      requestedName: `Release ${index}`,
      callerKind: 'function-key',
      callerId: 'function-key',
      trigger: 'http',
      requestedAt: new Date(requestedAtMs).toISOString(),
      status: 'succeeded',
      completedAt: new Date(requestedAtMs).toISOString(),
      durationMs: 90,
      attempts: 1,
      upstreamStatus: 200,
      evidence: 'response',
    };
    actions.push(
      ['create', { partitionKey: projectId, rowKey: `rename|${renameId}`, ...record }],
      [
        'create',
        { partitionKey: projectId, rowKey: `iteration|${record.iterationId}|${renameId}`, ...record },
      ],
    );
    if (actions.length === 100 || index === count - 1) {
      await records.submitTransaction(actions);
      actions = [];
    }
  }
}
