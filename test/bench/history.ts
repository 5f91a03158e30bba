import { randomUUID } from 'node:crypto';
import { odata, TableClient, type TransactionAction } from '@azure/data-tables';
import { rangeOf } from '../../src/table-storage/row-keys.ts';
import type { BenchStack, Front } from './bench-stack.ts';
import { compared, fact, type Line, type Pair } from './line.ts';

const SIZES = [1000, 20_000] as const;

/**
 * The first page, and one iteration's page, of a project with few records and of one with many, against the
 * same query through the table SDK: the emulator looks through the whole partition, where Table Storage reads
 * a range by its index.
 */
export async function compareHistories(bench: BenchStack, { pages }: { pages: number }): Promise<Line[]> {
  const { stack } = bench;
  const storage = stack.settings['RENAME_STORAGE'] ?? '';
  const front = await bench.start('product', { settings: { RENAME_STORAGE: storage } });
  const records = TableClient.fromConnectionString(stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  await records.createTable();
  const lines: Line[] = [];
  for (const size of SIZES) {
    const project = { projectId: randomUUID(), iterationId: randomUUID() };
    await seed(records, project, size);
    const before = stack.tables.operations().length;
    for (const [name, query] of Object.entries(QUERIES)) {
      const pairs: Pair[][] = [];
      for (let page = -3; page < pages; page += 1) {
        const value = await timePage(front, `/projects/${project.projectId}/renames${query(project)}`);
        const reference = await timeQuery(records, filterOf(project, query(project) !== ''));
        if (page >= 0) pairs.push([{ value, reference }]);
      }
      lines.push(
        compared({
          name: `${name} of ${size} records`,
          unit: 'ms',
          reference: 'the query alone',
          better: 'lower',
          pairs,
        }),
      );
    }
    // The sweep reads other rows.
    const ofProject = ({ path }: { path: string }) => path.includes(project.projectId);
    const requests = stack.tables.operations(before).filter(ofProject).length;
    const asked = (pages + 3) * Object.keys(QUERIES).length;
    lines.push(fact(`a page of ${size} records: storage requests`, requests / asked, ''));
  }
  await front.app.stop();
  return lines;
}

const QUERIES = {
  'first page': () => '',
  "one iteration's page": ({ iterationId }: Project) => `?iterationId=${iterationId}`,
};

async function timePage({ url, headers }: Front, path: string): Promise<number> {
  const startedMs = performance.now();
  const answer = await fetch(`${url}${path}`, { headers });
  const { renames }: { renames: unknown[] } = JSON.parse(await answer.text());
  if (renames.length !== 100) throw new Error(`a page of ${renames.length} records`);
  return performance.now() - startedMs;
}

/** The app's query, sent directly to the table: its time is the emulator's own. */
function filterOf({ projectId, iterationId }: Project, isOfIteration: boolean): string {
  const prefix = isOfIteration ? `iteration|${iterationId}|` : 'rename|';
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
      callerKind: 'caller-key',
      callerId: 'key:line-3',
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
