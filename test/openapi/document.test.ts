import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { createOpenApiDocument } from '../../src/openapi/document.ts';
import { openApiDocument } from '../../src/openapi/versions.ts';
import { SCHEMAS } from '../../src/openapi/schemas.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { createContract } from './contract.ts';

const operationsOf = (document: object) =>
  Object.entries<object>(Object(document).paths).flatMap(([path, operations]) =>
    Object.entries<{ operationId: string }>(Object(operations)).map(([method, operation]) => [
      path,
      method,
      operation.operationId,
    ]),
  );

describe.each(['entra', 'function-key'] as const)('the document with %s', (mode) => {
  it.each(['3.1', '3.0', '2.0'])('is OpenAPI %s', async (version) => {
    const document: object = JSON.parse(JSON.stringify(openApiDocument(version, mode)));
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...document });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe(version);
  });

  it.each(['3.0', '2.0'])('has each operation, and only those, in OpenAPI %s', (version) => {
    expect(operationsOf(openApiDocument(version, mode))).toEqual(operationsOf(createOpenApiDocument(mode)));
  });

  it('takes its body as JSON, not as a form, in OpenAPI 2.0', () => {
    const { paths } = Object(openApiDocument('2.0', mode));
    const { consumes, parameters } =
      paths['/customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}'].patch;
    expect(consumes).toEqual(['application/json']);
    expect(parameters.at(-1)).toEqual({
      name: 'body',
      in: 'body',
      required: true,
      schema: { $ref: '#/definitions/IterationUpdate' },
    });
  });

  it('has the version of package.json', () => {
    expect(createOpenApiDocument(mode).info.version).toBe(manifest.version);
  });

  it('asks for a credential except on public routes', () => {
    const { security, components, paths } = createOpenApiDocument(mode);
    expect(security.flatMap((one) => Object.keys(one))).toEqual(Object.keys(components.securitySchemes));
    const open = Object.entries(paths).filter(([, operations]) =>
      Object.values(operations).some((operation) => 'security' in operation),
    );
    expect(open.map(([path]) => path)).toEqual([
      '/webhooks/{source}',
      '/',
      '/console',
      '/health',
      '/openapi.json',
    ]);
  });
});

describe('the examples', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: { schemas: SCHEMAS } });

  it.each(Object.keys(SCHEMAS))('of %s match its schema', (name) => {
    const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` });
    const examples = Object.entries(SCHEMAS).find(([key]) => key === name)?.[1].examples ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      validate(example);
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});

describe('the contract that checks all answers of the tests', () => {
  const faultsOf = createContract();
  const health = { method: 'GET', path: '/health', status: 200 };
  const json = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  const sound = '{"status":"ready","checks":{"keyVault":"ok","auditTable":"ok","customVision":"ok"}}';

  it.each([
    { case: 'a sound answer', answer: { ...health, headers: json, body: sound }, faults: 0 },
    {
      case: 'a property too many',
      answer: { ...health, headers: json, body: sound.replace('{', '{"x":1,') },
      faults: 1,
    },
    {
      case: 'an undocumented status',
      answer: { ...health, status: 418, headers: json, body: sound },
      faults: 1,
    },
    {
      case: 'an undocumented media type',
      answer: { ...health, headers: new Headers(), body: sound },
      faults: 1,
    },
    {
      case: 'a missing header',
      answer: {
        method: 'PATCH',
        path: '/customvision/v3.2/training/projects/a/iterations/b',
        status: 200,
        headers: json,
        body: '{"id":"a1b2c3d4-0001-4000-8000-000000000001","name":"n"}',
      },
      faults: 2,
    },
  ])('finds $faults faults in $case', ({ answer, faults }) => {
    expect(faultsOf(answer)).toHaveLength(faults);
  });
});

describe('GET /openapi.json', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  it('gives the document without a credential', async () => {
    const app = await stack.startApp();
    const answer = await fetch(`${app.url}/openapi.json`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(createOpenApiDocument('function-key'))));
  });

  it.each(['3.1', '3.0', '2.0'])('gives the document in OpenAPI %s', async (version) => {
    const app = await stack.startApp();
    const answer = await fetch(`${app.url}/openapi.json?version=${version}`);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(version, 'function-key'))));
  });

  it('knows no other version', async () => {
    const app = await stack.startApp();
    const answer = await fetch(`${app.url}/openapi.json?version=4`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('3.1, 3.0 or 2.0');
  });

  it('documents each route that the app serves', async () => {
    const app = await stack.startApp({
      settings: { WEBHOOK_SOURCES: '{"events":{"scheme":"cloud-events","rename":"data"}}' },
    });
    const operations = Object.values(createOpenApiDocument('function-key').paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    const served = app.functions.map((name) => name.replaceAll('-', ''));
    // The service's own operations have its own ids, in another letter case.
    expect(served).toEqual(expect.arrayContaining(operations.map((id) => id.toLowerCase())));
  });
});
