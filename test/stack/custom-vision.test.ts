import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials, RestError } from '@azure/ms-rest-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCustomVision, type CustomVision } from './custom-vision.ts';
import { sampleProject } from './sample-project.ts';

const TRAINING_KEY = 'key-of-the-test';
const sample = sampleProject();
const [first, second] = sample.iterations;

let nowMs: number;
let customVision: CustomVision;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  customVision = await startCustomVision({ trainingKey: TRAINING_KEY, now: () => nowMs });
  customVision.addProject(sample);
});
afterEach(() => customVision.stop());

function iterationUrl({ version = 'v3.2', project = sample.id, iteration = first.id } = {}): string {
  return `${customVision.endpoint}/customvision/${version}/training/projects/${project}/iterations/${iteration}`;
}

function patch({ url = iterationUrl(), body = '{"name":"Renamed"}', headers = {} } = {}): Promise<Response> {
  const all = { 'training-key': TRAINING_KEY, 'content-type': 'application/json', ...headers };
  return fetch(url, { method: 'PATCH', headers: all, body });
}

function connect(trainingKey = TRAINING_KEY): TrainingAPIClient {
  return new TrainingAPIClient(
    new ApiKeyCredentials({ inHeader: { 'Training-key': trainingKey } }),
    customVision.endpoint,
    {
      noRetryPolicy: true,
    },
  );
}

describe('the official SDK against the Custom Vision simulator', () => {
  it('renames an iteration, reads it and lists it', async () => {
    const client = connect();
    expect((await client.updateIteration(sample.id, first.id, { name: 'Renamed' })).name).toBe('Renamed');
    expect((await client.getIteration(sample.id, first.id)).name).toBe('Renamed');
    expect((await client.getIterations(sample.id)).map(({ name }) => name)).toEqual([
      'Renamed',
      'Iteration 2',
      'Iteration 3',
    ]);
  });

  it('finds projects by their names', async () => {
    const other = customVision.addProject({ name: 'Another' });
    const projects = await connect().getProjects();
    expect(projects.map(({ id, name }) => ({ id, name }))).toEqual([
      { id: sample.id, name: sample.name },
      { id: other, name: 'Another' },
    ]);
    expect(await connect().getProject(sample.id)).toMatchObject({
      name: sample.name,
      description: sample.description,
      status: 'Succeeded',
      settings: { classificationType: 'Multiclass', imageProcessingSettings: expect.anything() },
    });
  });

  it('gets its usual error for a name that is taken', async () => {
    const error = await connect()
      .updateIteration(sample.id, first.id, { name: second.name })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({ statusCode: 400, body: { code: 'BadRequestIterationNameNotUnique' } });
  });
});

describe('the Custom Vision simulator', () => {
  it.each([
    {
      case: 'a key that is wrong',
      request: { headers: { 'training-key': 'another' } },
      status: 401,
      code: 'Unauthorized',
    },
    {
      case: 'an unknown project',
      project: '00000000-0000-4000-8000-000000000000',
      status: 404,
      code: 'NotFoundProject',
    },
    {
      case: 'an unknown iteration',
      iteration: '00000000-0000-4000-8000-000000000000',
      status: 404,
      code: 'NotFoundIteration',
    },
    { case: 'ids that are no UUIDs', iteration: 'one', status: 400, code: 'BadRequestInvalidIds' },
    { case: 'another API version', version: 'v2.2', status: 404, code: 'NotFound' },
    {
      case: 'a body without a name',
      request: { body: '{}' },
      status: 400,
      code: 'BadRequestRequiredParamIsNull',
    },
    { case: 'an empty name', request: { body: '{"name":""}' }, status: 400, code: 'BadRequestIterationName' },
    {
      case: 'a name that is taken',
      request: { body: '{"name":"Iteration 2"}' },
      status: 400,
      code: 'BadRequestIterationNameNotUnique',
    },
    { case: 'malformed JSON', request: { body: '{"name":' }, status: 400, code: 'BadRequest' },
    {
      case: 'an unknown media type',
      request: { headers: { 'content-type': 'text/plain' } },
      status: 415,
      code: 'UnsupportedMediaType',
    },
  ])('refuses $case with $status $code and has no effect', async ({ request = {}, status, code, ...ids }) => {
    const response = await patch({ ...request, url: iterationUrl(ids) });
    expect([response.status, await response.json()]).toEqual([status, { code, message: expect.any(String) }]);
    expect(customVision.effects()).toEqual([]);
  });

  it.each(['v3.0', 'v3.2', 'v3.4', 'v3.4-preview'])('serves %s', async (version) => {
    expect((await patch({ url: iterationUrl({ version }) })).status).toBe(200);
  });

  it("answers the properties in the schema's order, with the time of the change and a request id", async () => {
    nowMs += 60_000;
    const response = await patch();
    const iteration: unknown = await response.json();
    expect(Object.keys(Object(iteration))).toEqual(
      'id name status created lastModified trainedAt projectId exportable exportableTo domainId classificationType trainingType reservedBudgetInHours trainingTimeInMinutes publishName originalPublishResourceId'.split(
        ' ',
      ),
    );
    expect(iteration).toMatchObject({
      created: '2025-12-31T23:00:00.000Z',
      lastModified: '2026-01-01T00:01:00.000Z',
    });
    expect(response.headers.get('apim-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reads and answers XML', async () => {
    const response = await patch({
      body: '<Iteration><name>A &amp; B</name></Iteration>',
      headers: { 'content-type': 'application/xml', accept: 'application/xml' },
    });
    expect(await response.text()).toMatch(
      /^<Iteration><id>[^<]+<\/id><name>A &amp; B<\/name>.*<exportableTo>CoreML<\/exportableTo>/,
    );
  });

  it('takes names in the form that it is told to give them, and answers that form', async () => {
    customVision.normaliseNames((name) => name.replaceAll(/ +/g, ' '));
    expect(await (await patch({ body: '{"name":"two  spaces"}' })).json()).toMatchObject({
      name: 'two spaces',
    });
    expect(customVision.effects()).toMatchObject([{ to: 'two spaces' }]);
    customVision.normaliseNames(null);
    expect(await (await patch({ body: '{"name":"two  spaces"}' })).json()).toMatchObject({
      name: 'two  spaces',
    });
  });

  it('has one clock: what somebody changes in the portal is modified now, and answers carry the same time', async () => {
    nowMs += 60_000;
    customVision.setName(sample.id, first.id, 'by a person');
    const response = await fetch(iterationUrl(), { headers: { 'training-key': TRAINING_KEY } });
    expect(await response.json()).toMatchObject({
      name: 'by a person',
      lastModified: '2026-01-01T00:01:00.000Z',
    });
    expect(response.headers.get('date')).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
    expect(customVision.effects()).toEqual([]);
  });

  it('takes only the new key once it is rotated', async () => {
    customVision.rotateKey('the next key');
    expect((await patch()).status).toBe(401);
    expect((await patch({ headers: { 'training-key': 'the next key' } })).status).toBe(200);
  });

  it('answers 429 with Retry-After past the calls a second it allows', async () => {
    customVision.limitCallsPerSecond(2);
    const statuses = [(await patch()).status, (await patch()).status];
    const refused = await patch();
    expect([...statuses, refused.status, refused.headers.get('retry-after')]).toEqual([200, 200, 429, '1']);
    nowMs += 1001;
    expect((await patch()).status).toBe(200);
  });

  it('keeps a journal of every request, and of every effect with what the name was', async () => {
    await patch();
    await patch({ body: '{}' });
    expect(customVision.journal).toMatchObject([
      {
        seq: 1,
        atMs: nowMs,
        method: 'PATCH',
        body: '{"name":"Renamed"}',
        status: 200,
        headers: { 'training-key': TRAINING_KEY },
      },
      { seq: 3, status: 400, effect: null },
    ]);
    expect(customVision.effects()).toEqual([
      {
        seq: 2,
        atMs: nowMs,
        projectId: sample.id,
        iterationId: first.id,
        from: 'Iteration 1',
        to: 'Renamed',
      },
    ]);
  });
});
