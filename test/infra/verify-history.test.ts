import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { APP_ROOT, startStack, type Stack } from '../stack/stack.ts';

const run = promisify(execFile);
const APP = '77777777-7777-7777-7777-777777777777';

let stack: Stack;
let table: TableClient;
let exported: string;
/** The app's own log of three renames, as it was written. */
let log: string[];
let renameIds: string[];
let rows: Record<string, unknown>[];

beforeAll(async () => {
  stack = await startStack();
  const app = await stack.startApp();
  const { id: projectId, iterations } = stack.sample;
  for (const name of ['v1', 'v2', 'v3 "of línea"']) {
    const iteration = `/customvision/v3.4/training/projects/${projectId}/iterations/${iterations[0].id}`;
    const { status } = await fetch(`${app.url}${iteration}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-functions-key': app.functionKey },
      body: JSON.stringify({ name }),
    });
    if (status !== 200) throw new Error(`${name}: ${status}`);
  }
  await app.stop();
  log = [...app.output().matchAll(/\{"event":.*\}/g)].map(([line]) => line);
  renameIds = log.filter((line) => line.startsWith('{"event":"rename_completed"')).map(renameIdOf);
  table = TableClient.fromConnectionString(stack.settings['RENAME_STORAGE'] ?? '', 'renames', {
    allowInsecureConnection: true,
  });
  rows = await allRows();
}, 60_000);
afterAll(async () => {
  await stack.stop();
});
beforeEach(async () => {
  exported = await mkdtemp(path.join(tmpdir(), 'export-'));
  // As data export lays blobs out: one row a line, five minutes a blob.
  const folder = path.join(exported, 'am-apptraces/WorkspaceResourceId=/y=2026/m=11/d=26/h=17/m=05');
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'PT05M.json'),
    log
      .map(
        (Message) =>
          `${JSON.stringify({ TimeGenerated: '2026-11-26T17:05:00Z', Message, SeverityLevel: 1 })}\n`,
      )
      .join(''),
  );
  return async () => {
    await rm(exported, { recursive: true });
    for (const row of await allRows())
      await table.deleteEntity(String(row['partitionKey']), String(row['rowKey']));
    for (const row of rows)
      await table.createEntity({
        ...row,
        partitionKey: String(row['partitionKey']),
        rowKey: String(row['rowKey']),
      });
  };
});

function renameIdOf(line: string): string {
  const { renameId }: { renameId: string } = JSON.parse(line);
  return renameId;
}

async function allRows(): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const row of table.listEntities({ disableTypeConversion: true })) found.push(row);
  return found;
}

const rowOf = (renameId: string | undefined, kind: string): { partitionKey: string; rowKey: string } => {
  const row = rows.find(
    ({ rowKey }) => String(rowKey).startsWith(`${kind}|`) && String(rowKey).endsWith(`|${renameId}`),
  );
  return { partitionKey: String(row?.['partitionKey']), rowKey: String(row?.['rowKey']) };
};

async function verify(...options: string[]): Promise<{ code: number; says: string }> {
  const script = path.join(APP_ROOT, 'infra/scripts/verify-history.ts');
  const until = new Date(Date.now() + 60_000).toISOString();
  try {
    const { stdout } = await run(
      process.execPath,
      [script, '--table', 'RENAME_STORAGE', '--export', exported, '--until', until, ...options],
      { env: { ...process.env, RENAME_STORAGE: stack.settings['RENAME_STORAGE'] } },
    );
    return { code: 0, says: stdout };
  } catch (error) {
    const { code, stdout } = Object(error);
    return { code, says: String(stdout) };
  }
}

it('finds nothing in an untouched table', async () => {
  expect(renameIds).toHaveLength(3);
  expect(await verify()).toEqual({
    code: 0,
    says: expect.stringContaining('3 records in the table, 3 in the export'),
  });
});

it.each([
  { where: 'record', kind: 'rename' },
  { where: 'copy', kind: 'iteration' },
])('names a changed $where and what was changed', async ({ where, kind }) => {
  await table.updateEntity(
    { ...rowOf(renameIds[1], kind), requestedName: 'v2, as I would like it' },
    'Merge',
  );
  expect(await verify()).toMatchObject({
    code: 1,
    says: expect.stringContaining(`${renameIds[1]} was changed: requestedName of its ${where}`),
  });
});

it.each([
  { property: 'callerId', forged: 'entra:99999999-9999-9999-9999-999999999999', told: 'caller' },
  { property: 'previousName', forged: 'another', told: 'previousName' },
  { property: 'upstreamStatus', forged: 201, told: 'upstreamStatus' },
])('notices a forged $property', async ({ property, forged, told }) => {
  await table.updateEntity({ ...rowOf(renameIds[0], 'rename'), [property]: forged }, 'Merge');
  expect((await verify()).says).toContain(`${renameIds[0]} was changed: ${told} of its record`);
});

it.each([
  { where: 'record', kind: 'rename' },
  { where: 'copy', kind: 'iteration' },
])('names a removed $where', async ({ where, kind }) => {
  const { partitionKey, rowKey } = rowOf(renameIds[2], kind);
  await table.deleteEntity(partitionKey, rowKey);
  expect(await verify()).toMatchObject({
    code: 1,
    says: expect.stringContaining(`${renameIds[2]} was removed: its ${where}`),
  });
});

it('names an added record', async () => {
  const row = rows.find(({ rowKey }) => rowKey === rowOf(renameIds[0], 'rename').rowKey);
  const renameId = '0000000000000-forged0000';
  await table.createEntity({
    ...row,
    partitionKey: String(row?.['partitionKey']),
    rowKey: `rename|${renameId}`,
    renameId,
  });
  expect(await verify()).toMatchObject({ code: 1, says: expect.stringContaining(`${renameId} was added`) });
});

it('expects nothing in the export that has not had the time to get there', async () => {
  await writeFile(
    path.join(exported, 'am-apptraces/WorkspaceResourceId=/y=2026/m=11/d=26/h=17/m=05/PT05M.json'),
    '',
  );
  expect(await verify()).toMatchObject({
    code: 1,
    says: expect.stringContaining(`${renameIds[0]} was added`),
  });
  expect(await verify('--until', '2020-01-01T00:00:00Z')).toMatchObject({ code: 0 });
});

it('names two exported ends of one rename', async () => {
  const line = log.find((one) => one.startsWith('{"event":"rename_completed"')) ?? '';
  const Message = line.replace('"requestedName":"v1"', '"requestedName":"v1, of course"');
  await writeFile(path.join(exported, 'PT05M.json'), JSON.stringify({ Message }));
  expect((await verify()).says).toContain(`${renameIds[0]} is exported twice, with another requestedName`);
});

it('tells who wrote to the table past the app', async () => {
  const folder = path.join(exported, 'am-storagetablelogs');
  await mkdir(folder);
  const Uri = 'https://strenames.table.core.windows.net/renames';
  const lines = [
    {
      OperationName: 'DeleteEntity',
      RequesterObjectId: 'somebody',
      StatusCode: '204',
      TimeGenerated: '2026-11-26T17:06:00Z',
      Uri,
    },
    { OperationName: 'DeleteEntity', RequesterObjectId: 'turned-away', StatusCode: '403', Uri },
    { OperationName: 'QueryEntities', RequesterObjectId: 'reader', StatusCode: '200', Uri },
    { OperationName: 'UpdateEntity', RequesterObjectId: APP, StatusCode: '204', Uri },
  ];
  await writeFile(path.join(folder, 'PT1H.json'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const { code, says } = await verify('--app', APP);
  expect(code).toBe(0);
  expect(says).toContain(`2026-11-26T17:06:00Z DeleteEntity by somebody, who is not the app: ${Uri}`);
  expect(says).not.toMatch(/turned-away|reader|UpdateEntity/);
});
