import { randomUUID } from 'node:crypto';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { app } from '@azure/functions';
import { Agent, request as sendRequest } from 'undici';

// The floor: a hello function that keeps a record through the table SDK. Two transactions around the PATCH, key
// in hand, and nothing that a product does besides: no caller, no rules for a name, no lease, no reading. No
// product in this host that keeps a record can cost less. With `FLOOR` set to `contract` it also does what the
// contract of this product asks of each rename: a fourth row for the idempotency key, and a GET meanwhile for
// the previous name.

const table = TableClient.fromConnectionString(process.env['RENAME_STORAGE'] ?? '', 'floor', {
  allowInsecureConnection: true,
});
const tableCreated = table.createTable();
const upstream = process.env['UPSTREAM'] ?? '';
const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 60_000 });
const asContract = process.env['FLOOR'] === 'contract';
const headers = {
  'training-key': process.env['TRAINING_KEY'] ?? '',
  'content-type': 'application/json',
};

app.http('rename', {
  route: 'customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: async (request) => {
    const { projectId = '', iterationId = '' } = request.params;
    const text = await request.text();
    const body: { name: string } = JSON.parse(text);
    await tableCreated;
    const url = `${upstream}${new URL(request.url).pathname}`;
    const before = asContract ? readName(url) : null;
    const { complete } = await begin(projectId, iterationId, body.name);
    const answer = await sendRequest(url, { method: 'PATCH', headers, body: text, dispatcher });
    const iteration = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${iteration}`);
    await complete(await before);
    return { body: iteration, headers: { 'content-type': 'application/json' } };
  },
});

async function readName(url: string): Promise<string> {
  const answer = await sendRequest(url, { headers, dispatcher });
  const iteration: { name: string } = JSON.parse(await answer.body.text());
  return iteration.name;
}

async function begin(partitionKey: string, iterationId: string, requestedName: string) {
  const renameId = randomUUID();
  const startedMs = Date.now();
  const record = {
    renameId,
    status: 'pending',
    resource: 'default',
    endpointHost: upstream,
    apiVersion: 'v3.2',
    projectId: partitionKey,
    iterationId,
    requestedName,
    trigger: 'http',
    callerKind: 'function-key',
    callerId: 'function-key',
    requestedAt: new Date(startedMs).toISOString(),
  };
  const keys = { record: `rename|${renameId}`, copy: `iteration|${iterationId}|${renameId}` };
  const lock = { partitionKey, rowKey: `lock|${iterationId}` };
  const claim = { partitionKey, rowKey: `idempotency|${renameId}` };
  const begun: TransactionAction[] = [
    ['create', { partitionKey, rowKey: keys.record, ...record }],
    ['create', { partitionKey, rowKey: keys.copy, ...record }],
    ['create', { ...lock, renameId, owner: renameId, leasedAt: record.requestedAt }],
  ];
  if (asContract) begun.push(['create', { ...claim, renameId, owner: renameId }]);
  const { subResponses } = await table.submitTransaction(begun);
  const [recordEtag = '', copyEtag = ''] = subResponses.map(({ etag }) => etag ?? '');

  async function complete(previousName: string | null) {
    const outcome = {
      ...(previousName === null ? {} : { previousName }),
      status: 'succeeded',
      completedAt: new Date().toISOString(),
      durationMs: Date.now() - startedMs,
      attempts: 1,
      upstreamStatus: 200,
      evidence: 'response',
    };
    const completed: TransactionAction[] = [
      ['update', { partitionKey, rowKey: keys.record, ...outcome }, 'Merge', { etag: recordEtag }],
      ['update', { partitionKey, rowKey: keys.copy, ...outcome }, 'Merge', { etag: copyEtag }],
      ['delete', lock],
    ];
    if (asContract) completed.push(['delete', claim]);
    await table.submitTransaction(completed);
  }
  return { complete };
}
