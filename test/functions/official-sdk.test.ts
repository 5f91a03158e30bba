import { randomUUID } from 'node:crypto';
import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials, RestError } from '@azure/ms-rest-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

const CALLERS_KEY = 'the-key-in-the-settings-of-the-caller';

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({ resources: ['default', 'line-2'] });
});
afterAll(() => proxy.stop());

/** A usual client with the proxy's endpoint, and the function key beside the training key. */
const client = (headers: Record<string, string> = {}, endpoint = proxy.app.url) =>
  new TrainingAPIClient(
    new ApiKeyCredentials({
      inHeader: { 'Training-key': CALLERS_KEY, 'x-functions-key': proxy.app.functionKey, ...headers },
    }),
    endpoint,
  );

describe('the official JavaScript SDK with the endpoint of the proxy', () => {
  it('renames, and reads the Iteration as from the service', async () => {
    const { projectId, iterationId } = proxy.seed();
    const iteration = await client().updateIteration(projectId, iterationId, { name: 'by the SDK' });
    const { customVision } = proxy.stack;
    const now = customVision.iteration(projectId, iterationId);
    expect(iteration).toMatchObject({
      id: iterationId,
      name: 'by the SDK',
      projectId,
      exportableTo: now?.exportableTo,
      lastModified: new Date(now?.lastModified ?? ''),
    });
    expect(iteration._response.status).toBe(200);
    expect(now?.name).toBe('by the SDK');
  });

  it('may send the function key in the query', async () => {
    const { projectId, iterationId } = proxy.seed();
    const credentials = new ApiKeyCredentials({
      inHeader: { 'Training-key': CALLERS_KEY },
      inQuery: { code: proxy.app.functionKey },
    });
    const sdk = new TrainingAPIClient(credentials, `${proxy.app.url}/`);
    expect((await sdk.updateIteration(projectId, iterationId, { name: 'a' })).name).toBe('a');
  });

  it('names a resource in a header, since it drops the path of its endpoint', async () => {
    const { projectId, iterationId } = proxy.seed('Iteration 1', 'line-2');
    const sdk = client({ 'Custom-Vision-Resource': 'line-2' });
    expect((await sdk.updateIteration(projectId, iterationId, { name: 'line 2' })).name).toBe('line 2');
  });

  it('has its own key forwarded nowhere', () => {
    const seen = JSON.stringify(Object.values(proxy.stack.customVisions).map(({ journal }) => journal));
    expect(seen).toContain('by the SDK');
    expect(seen).not.toContain(CALLERS_KEY);
  });

  it.each([
    {
      case: 'a name that the proxy refuses',
      name: ' a',
      statusCode: 400,
      code: 'BadRequestIterationName',
      message: /white space/,
    },
    {
      case: 'a name that the service refuses',
      name: 'taken',
      statusCode: 400,
      code: 'BadRequestIterationNameNotUnique',
      message: /not unique/,
    },
    {
      case: 'an unknown iteration',
      name: 'a',
      iterationId: randomUUID(),
      statusCode: 404,
      code: 'NotFoundIteration',
      message: /not found/i,
    },
    {
      case: 'an iteration that is being renamed',
      name: 'a',
      locked: true,
      statusCode: 409,
      code: 'Conflict',
      message: /another request/,
    },
  ])('gets its usual error object for $case', async (row) => {
    const { name, statusCode, code, message, locked = false } = row;
    const { projectId, ...seeded } = proxy.seed();
    const iterationId = row.iterationId ?? seeded.iterationId;
    proxy.stack.customVision.addIteration(projectId, { name: 'taken' });
    const slow = proxy.stack.customVision.faults.inject({ kind: 'delay', delayMs: 300, when: () => locked });
    const first = locked ? proxy.rename({ projectId, ...seeded }, { name: 'first' }) : null;
    await expect.poll(() => slow.hits() > 0 || !locked).toBe(true);
    const error: unknown = await client()
      .updateIteration(projectId, iterationId, { name })
      .catch((thrown: unknown) => thrown);
    await first;
    slow.clear();
    expect(error).toBeInstanceOf(RestError);
    const said = expect.stringMatching(message);
    expect(error).toMatchObject({ statusCode, message: said, body: { code, message: said } });
    expect(JSON.stringify(error)).not.toContain(proxy.stack.trainingKey);
  });
});

describe('the whole journey by names alone, with one client object', () => {
  it.each([
    { case: 'on the default resource', resource: 'default', headers: {} },
    {
      case: 'on a resource by its header',
      resource: 'line-2',
      headers: { 'Custom-Vision-Resource': 'line-2' },
    },
  ])('leads $case from a project and an iteration to the new name', async ({ resource, headers }) => {
    const customVision = proxy.stack.customVisions[resource];
    const names = {
      project: `Line 3, 検査 ${randomUUID()}`,
      iteration: 'Iteration 12',
      renamed: 'v4.1 approved',
    };
    customVision?.addProject({
      name: names.project,
      iterations: [{ name: 'Iteration 11' }, { name: names.iteration }],
    });
    const sdk = client(headers);
    const project = (await sdk.getProjects()).find(({ name }) => name === names.project);
    const found = await sdk.getIterations(project?.id ?? '');
    const iteration = found.find(({ name }) => name === names.iteration);
    const [projectId, iterationId] = [project?.id ?? '', iteration?.id ?? ''];
    const renamed = await sdk.updateIteration(projectId, iterationId, { name: names.renamed });
    expect(renamed.name).toBe(names.renamed);
    expect(customVision?.iteration(projectId, iterationId)?.name).toBe(names.renamed);
    expect((await sdk.getIteration(projectId, iterationId)).name).toBe(names.renamed);
    expect(await sdk.getProject(projectId)).toMatchObject({
      name: names.project,
      created: new Date(project?.created ?? 0),
      settings: { classificationType: 'Multiclass' },
    });
  });

  it('gets its usual error objects on the way', async () => {
    const errors = await Promise.all(
      [
        client().getProject(randomUUID()),
        client().getIteration(proxy.seed().projectId, randomUUID()),
        client().getDomains(),
      ].map((asked) =>
        asked.then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    expect(errors).toEqual(errors.map(() => expect.any(RestError)));
    expect(errors).toMatchObject([
      { statusCode: 404, body: { code: 'NotFoundProject' } },
      { statusCode: 404, body: { code: 'NotFoundIteration' } },
      { statusCode: 404, body: { code: 'NotFound', message: expect.stringContaining('looks up projects') } },
    ]);
  });
});

describe('the requests of the official Python SDK', () => {
  /**
   * From its sources: https://github.com/Azure/azure-sdk-for-python,
   * `vision/customvision/training/_configuration.py` and `operations/`.
   */
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate',
    connection: 'keep-alive',
    'content-type': 'application/json; charset=utf-8',
    'training-key': CALLERS_KEY,
    'user-agent':
      'python/3.12.3 (Linux-6.8.0-x86_64-with-glibc2.39) msrest/0.7.1 azure-cognitiveservices-vision-customvision/3.1.1',
  };

  it.each([
    { case: 'an endpoint', prefix: '' },
    { case: 'an endpoint with a resource as its path', prefix: '/default' },
    {
      case: 'an endpoint, and Training in upper case as on the pages of the service',
      prefix: '',
      training: 'Training',
    },
  ])('are accepted with $case', async ({ prefix, training = 'training' }) => {
    const iteration = proxy.seed();
    const path = `${prefix}${iteration.path.replace('v3.2/training', `v3.3/${training}`)}`;
    const { status, json } = await proxy.rename(iteration, { path, headers, body: '{"name": "by Python"}' });
    expect({ status, name: json['name'] }).toEqual({ status: 200, name: 'by Python' });
  });

  // As the real host does, before any function: no route matches an empty segment.
  it('get 404 with an endpoint that ends with a slash', async () => {
    const iteration = proxy.seed();
    const { status } = await proxy.rename(iteration, { path: `/${iteration.path}`, headers });
    expect(status).toBe(404);
  });
});
