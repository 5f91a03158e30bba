import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import type { Field } from './field.ts';
import { median } from './statistics.ts';

const SMALL = 1000;
const LARGE = 100_000;

/** The first page, and one iteration's page, of a project with many records against one with few. */
export async function compareHistories(
  field: Field,
  rounds: number,
): Promise<Record<string, Record<string, number>>> {
  const { stack } = field;
  const storage = stack.settings['RENAME_STORAGE'] ?? '';
  const app = await stack.startApp({ settings: { ...field.settings, RENAME_STORAGE: storage } });
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
    const before = stack.tables.operations().length;
    for (let round = -1; round < rounds; round += 1) {
      for (const [size, project] of Object.entries({ small, large })) {
        const startedMs = performance.now();
        const answer = await fetch(`${app.url}${pathOf(project)}`, {
          headers: { 'x-functions-key': app.functionKey },
        });
        const { renames }: { renames: unknown[] } = JSON.parse(await answer.text());
        if (renames.length !== 100) throw new Error(`a page of ${renames.length} records`);
        if (round >= 0) times[size === 'small' ? 'small' : 'large'].push(performance.now() - startedMs);
      }
    }
    const requests = stack.tables.operations().length - before;
    const [smallMs, largeMs] = [median(times.small), median(times.large)];
    lines[name] = {
      [`${LARGE} x ${SMALL}`]: Math.round((largeMs / smallMs) * 100) / 100,
      [`${SMALL} records ms`]: Math.round(smallMs * 10) / 10,
      [`${LARGE} records ms`]: Math.round(largeMs * 10) / 10,
      'storage requests a page': requests / (2 * (rounds + 1)),
    };
  }
  await app.stop();
  return lines;
}

interface Project {
  readonly projectId: string;
  readonly iterationId: string;
}

/** Two rows a record, as the app writes them; one record in a hundred is of the project's named iteration, at least 100. */
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
