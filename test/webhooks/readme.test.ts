import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvaluatorPool } from '../../src/expressions/evaluator-pool.ts';
import { createExpression } from '../../src/expressions/expression.ts';
import { createMapDelivery } from '../../src/webhooks/map-delivery.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { readmeBlock } from '../readme-block.ts';
import { signGithub, signMlflow, signStandardWebhook } from './sign.ts';
import { post } from './webhook-proxy.ts';

/** The sample project's, as `src/webhooks/README.md` has them. */
const PROJECT_ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const ITERATION_ID = 'a1b2c3d4-0001-4000-8000-000000000001';
const QUEUE = 'trained';
const STANDARD_SECRET = `whsec_${Buffer.from('a secret of the sender').toString('base64')}`;
const SECRET = 'a secret of the registry and the repository';

const SOURCES = {
  releases: { scheme: 'github', secret: 'webhook-releases', rename: readmeBlock('jsonata', 'github') },
  registry: { scheme: 'mlflow', secret: 'webhook-registry', rename: readmeBlock('jsonata', 'mlflow') },
  approvals: {
    scheme: 'standard-webhooks',
    secret: 'webhook-approvals',
    rename: readmeBlock('jsonata', 'standard-webhooks'),
  },
  models: { scheme: 'cloud-events', rename: readmeBlock('jsonata', 'cloud-events') },
  databricks: {
    ...JSON.parse(readmeBlock('json', 'hmac-source')).databricks,
    rename: readmeBlock('jsonata', 'hmac'),
  },
  builds: { scheme: 'json', rename: readmeBlock('jsonata', 'json') },
};

let stack: Stack;
let app: FunctionApp;

beforeAll(async () => {
  const callers = [
    ...Object.keys(SOURCES).map((name) => `webhook:${name}`),
    'training:default',
    'function-key',
  ];
  stack = await startStack();
  const { settings, keyVault } = stack;
  const resources: Record<string, object> = JSON.parse(settings['CUSTOM_VISION_RESOURCES'] ?? '');
  const training = { notificationQueue: QUEUE, iterationName: readmeBlock('jsonata', 'training') };
  keyVault.setSecret('webhook-releases', SECRET);
  keyVault.setSecret('webhook-registry', SECRET);
  keyVault.setSecret('webhook-databricks', SECRET);
  keyVault.setSecret('webhook-approvals', STANDARD_SECRET);
  app = await stack.startApp({
    settings: {
      WEBHOOK_SOURCES: JSON.stringify(SOURCES),
      CUSTOM_VISION_RESOURCES: JSON.stringify({ default: { ...resources['default'], ...training } }),
      ACCESS_POLICY: JSON.stringify(
        callers.map((caller) => ({ caller, projects: ['*'], resources: ['*'], may: ['rename'] })),
      ),
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.2',
    },
  });
});
afterAll(() => stack.stop());

const nameNow = () => stack.customVision.iteration(PROJECT_ID, ITERATION_ID)?.name;

const signed = (body: string, secret: string) => ({ body, secret, id: randomUUID(), atMs: Date.now() });

describe('each example in src/webhooks/README.md renames', () => {
  it.each([
    {
      source: 'releases',
      mark: 'github',
      name: 'v4.1',
      headers: (body: string) => ({ ...signGithub(signed(body, SECRET)), 'x-github-event': 'release' }),
    },
    {
      source: 'registry',
      mark: 'mlflow',
      name: 'line-3 v7',
      headers: (body: string) => signMlflow(signed(body, SECRET)),
    },
    {
      source: 'approvals',
      mark: 'standard-webhooks',
      name: 'v4.1 line-3 approved',
      headers: (body: string) => signStandardWebhook(signed(body, STANDARD_SECRET)),
    },
    {
      source: 'databricks',
      mark: 'hmac',
      name: 'line-3 v8',
      headers: (body: string) => ({
        'x-databricks-signature': createHmac('sha256', SECRET).update(body).digest('hex'),
      }),
    },
    {
      source: 'builds',
      mark: 'json',
      name: 'line-3 20261118.1',
      headers: () => ({ 'x-functions-key': app.functionKey }),
    },
    {
      source: 'models',
      mark: 'cloud-events',
      name: 'line-3 v7',
      headers: () => ({
        'x-functions-key': app.functionKey,
        'content-type': 'application/cloudevents+json',
      }),
    },
  ])('on a delivery of $mark', async ({ source, mark, name, headers }) => {
    stack.customVision.setName(PROJECT_ID, ITERATION_ID, 'Iteration 1');
    const body = readmeBlock('json', mark);
    const answer = await post(app, `/webhooks/${source}`, body, headers(body));
    expect(answer).toMatchObject({ status: 202 });
    await expect.poll(nameNow, { timeout: 10_000 }).toBe(name);
  });

  it('when a training has ended', async () => {
    const { customVision, azurite } = stack;
    customVision.setName(PROJECT_ID, ITERATION_ID, 'Iteration 1');
    const trained = customVision.iteration(PROJECT_ID, ITERATION_ID)?.trainedAt?.slice(0, 10);
    const queue = new QueueClient(azurite.connectionString, QUEUE);
    await queue.createIfNotExists();
    await queue.sendMessage(readmeBlock('json', 'training'));
    await expect.poll(nameNow, { timeout: 10_000 }).toBe(`Iteration 1, trained ${trained}`);
  });
});

const GITHUB_HEADERS: [string, string][] = [['X-GitHub-Event', 'release']];
const NOTE = `custom-vision: ${PROJECT_ID}/${ITERATION_ID}`;
const release = (more: object) => ({
  action: 'published',
  release: {
    url: 'https://api.github.com/repos/Codertocat/Hello-World/releases/17372790',
    id: 17372790,
    target_commitish: 'master',
    tag_name: '0.0.1',
    name: null,
    draft: false,
    prerelease: false,
    author: { login: 'Codertocat', id: 21031067, type: 'User' },
    body: null,
    assets: [],
    ...more,
  },
  repository: { id: 186853002, name: 'Hello-World', full_name: 'Codertocat/Hello-World', private: false },
  sender: { login: 'Codertocat', id: 21031067, type: 'User' },
});
const ofMlflow = (entity: string, action: string, data: object) => ({
  entity,
  action,
  timestamp: '2025-07-31T08:27:32.080217+00:00',
  data,
});

/** From the senders' own documentation. `name` is null if nothing is to be renamed. */
const DELIVERIES: {
  case: string;
  mark: string;
  payload: unknown;
  headers?: [string, string][];
  name: string | null;
}[] = [
  {
    case: 'a release with the ids in its notes',
    mark: 'github',
    payload: release({ body: `## News\r\n- ${NOTE}\r\n` }),
    headers: GITHUB_HEADERS,
    name: '0.0.1',
  },
  {
    case: 'a release with ids in upper case',
    mark: 'github',
    payload: release({ body: `Custom-Vision: ${PROJECT_ID.toUpperCase()}/${ITERATION_ID.toUpperCase()}` }),
    headers: GITHUB_HEADERS,
    name: '0.0.1',
  },
  {
    case: 'a release without notes',
    mark: 'github',
    payload: release({}),
    headers: GITHUB_HEADERS,
    name: null,
  },
  {
    case: 'a release with other notes',
    mark: 'github',
    payload: release({ body: 'custom-vision: soon' }),
    headers: GITHUB_HEADERS,
    name: null,
  },
  {
    case: 'an edited release',
    mark: 'github',
    payload: { ...release({ body: NOTE }), action: 'edited' },
    headers: GITHUB_HEADERS,
    name: null,
  },
  {
    case: 'the ping that GitHub sends first',
    mark: 'github',
    payload: {
      zen: 'Keep it logically awesome.',
      hook_id: 109948940,
      hook: { type: 'Repository', id: 109948940 },
    },
    headers: [['X-GitHub-Event', 'ping']],
    name: null,
  },
  ...[
    {
      entity: 'registered_model',
      action: 'created',
      data: { name: 'example_model', tags: {}, description: null },
    },
    {
      entity: 'model_version',
      action: 'created',
      data: {
        name: 'example_model',
        version: '1',
        source: 'models:/123',
        run_id: 'abcd1234abcd5678',
        tags: {},
      },
    },
    {
      entity: 'model_version_tag',
      action: 'set',
      data: { name: 'example_model', version: '1', key: 'example_key', value: 'example_value' },
    },
    {
      entity: 'model_version_tag',
      action: 'deleted',
      data: { name: 'example_model', version: '1', key: 'custom_vision' },
    },
    {
      entity: 'model_version_alias',
      action: 'created',
      data: { name: 'example_model', alias: 'example_alias', version: '1' },
    },
  ].map(({ entity, action, data }) => ({
    case: `${entity}.${action}, as MLflow sends it to test a webhook`,
    mark: 'mlflow',
    payload: ofMlflow(entity, action, data),
    name: null,
  })),
  {
    case: 'an event of another type',
    mark: 'standard-webhooks',
    payload: { type: 'user.created', timestamp: '2022-11-03T20:26:10.344522Z', data: { id: '1f81eb52' } },
    name: null,
  },
  {
    case: 'the blob example of Event Grid',
    mark: 'cloud-events',
    payload: {
      specversion: '1.0',
      type: 'Microsoft.Storage.BlobCreated',
      source: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a',
      id: '9aeb0fdf-c01e-0131-0922-9eb54906e209',
      data: { api: 'PutBlockList', contentType: 'image/png', contentLength: 30699 },
    },
    name: null,
  },
  {
    case: 'a model, as Azure Machine Learning documents it',
    mark: 'cloud-events',
    payload: {
      type: 'Microsoft.MachineLearningServices.ModelRegistered',
      data: {
        ModelName: 'line-3',
        ModelVersion: '8',
        ModelTags: { customVision: `${PROJECT_ID}/${ITERATION_ID}` },
        ModelProperties: {},
      },
    },
    name: 'line-3 v8',
  },
  {
    case: 'a transition request of Databricks without a description',
    mark: 'hmac',
    payload: {
      event: 'MODEL_VERSION_TRANSITIONED_STAGE',
      to_stage: 'Production',
      model_name: 'm',
      version: '1',
    },
    name: null,
  },
  {
    case: 'a build without a tag',
    mark: 'json',
    payload: { eventType: 'build.complete', resource: { result: 'succeeded', tags: [] } },
    name: null,
  },
  {
    case: 'a build that failed',
    mark: 'json',
    payload: { eventType: 'build.complete', resource: { result: 'failed' } },
    name: null,
  },
  {
    case: 'a model without the tag',
    mark: 'cloud-events',
    payload: {
      type: 'Microsoft.MachineLearningServices.ModelRegistered',
      data: { modelName: 'line-3', modelVersion: '8', modelTags: {}, modelProperties: {} },
    },
    name: null,
  },
];

describe("each expression in src/webhooks/README.md, on the examples in its sender's documentation", () => {
  const pool = createEvaluatorPool({ report: () => {}, monotonic: () => performance.now() });
  const resources = new Map([['default', { endpoint: new URL('https://x.invalid') }]]);

  it.each(DELIVERIES)('$mark: $case', async ({ mark, payload, headers = [], name }) => {
    const evaluate = createExpression(mark, readmeBlock('jsonata', mark), pool);
    const request = await createMapDelivery({ evaluate, resources })({ payload, headers });
    expect(request?.name ?? null).toBe(name);
  });

  it.each([
    { case: 'no new name', iteration: { name: 'Iteration 7', publishName: 'live' }, expected: null },
    {
      case: 'a name with its day',
      iteration: { name: 'Iteration 7', publishName: null, trainedAt: '2026-03-04T05:06:07.000Z' },
      expected: 'Iteration 7, trained 2026-03-04',
    },
  ])('training: an iteration gets $case', async ({ iteration, expected }) => {
    const evaluate = createExpression('training', readmeBlock('jsonata', 'training'), pool);
    const notification: unknown = JSON.parse(readmeBlock('json', 'training'));
    expect(await evaluate({ notification, iteration })).toBe(expected);
  });
});

it('tests every expression in src/webhooks/README.md', async () => {
  const readme = await readFile(new URL('../../src/webhooks/README.md', import.meta.url), 'utf8');
  const marks = [...readme.matchAll(/^```jsonata ?(.*)$/gm)].map(([, mark]) => mark);
  expect(marks).toEqual([
    'github',
    'mlflow',
    'standard-webhooks',
    'hmac',
    'json',
    'cloud-events',
    'training',
  ]);
});
