import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ExpressionError } from '../../src/expressions/expression.ts';
import { createMapDelivery } from '../../src/webhooks/map-delivery.ts';

const resource = (host: string) => ({ endpoint: new URL(`https://${host}`) });
const ONE = new Map([['line-1', resource('one.example')]]);
const TWO = new Map([...ONE, ['default', resource('two.example')]]);
const NO_DEFAULT = new Map([...ONE, ['line-2', resource('two.example')]]);
const VALID = { projectId: randomUUID(), iterationId: randomUUID(), name: 'Release 1' };

const map = (result: unknown, resources = ONE, at = '') =>
  createMapDelivery({ evaluate: async () => result, resources })({ payload: {}, headers: [], at });

async function failing(): Promise<never> {
  throw new ExpressionError('it casts a list to a number');
}

describe('a mapping', () => {
  it('makes a rename with its ids in lower case', async () => {
    const { projectId, iterationId, name } = VALID;
    const written = { projectId: projectId.toUpperCase(), iterationId: iterationId.toUpperCase(), name };
    expect(await map(written)).toEqual({
      ...VALID,
      resource: 'line-1',
      endpointHost: 'one.example',
      apiVersion: 'v3.2',
    });
  });

  it.each([
    { case: 'the only one', resources: ONE, named: undefined, expected: 'one.example' },
    { case: 'the default one', resources: TWO, named: undefined, expected: 'two.example' },
    { case: 'the named one', resources: TWO, named: 'Line-1', expected: 'one.example' },
    { case: 'the default one, for resource null', resources: TWO, named: null, expected: 'two.example' },
  ])('selects the resource that is $case', async ({ resources, named, expected }) => {
    expect(await map({ ...VALID, resource: named }, resources)).toMatchObject({ endpointHost: expected });
  });

  it.each([undefined, null])('to %s asks for nothing', async (result) => {
    expect(await map(result)).toBeNull();
  });

  it.each([
    { case: 'a text', result: 'x', paths: [''] },
    { case: 'false, as a condition alone gives it', result: false, paths: [''] },
    { case: 'a list', result: [VALID], paths: [''] },
    { case: 'an empty object', result: {}, paths: ['/projectId', '/iterationId', '/name'] },
    {
      case: 'an id that is not a UUID',
      result: { ...VALID, projectId: `${VALID.projectId}/../x` },
      paths: ['/projectId'],
    },
    { case: 'two names', result: { ...VALID, name: ['a', 'b'] }, paths: ['/name'] },
    { case: 'an invalid name', result: { ...VALID, name: 'a\u202Eb' }, paths: ['/name'] },
    { case: 'an unknown resource', result: { ...VALID, resource: 'line-9' }, paths: ['/resource'] },
    {
      case: 'a resource that objects have',
      result: { ...VALID, resource: '__proto__' },
      paths: ['/resource'],
    },
    { case: 'an unknown property', result: { ...VALID, force: true }, paths: ['/force'] },
    {
      case: 'a prototype',
      result: JSON.parse('{"__proto__":{"name":"x"}}'),
      paths: ['/projectId', '/iterationId', '/name', '/__proto__'],
    },
  ])('to $case is refused with every fault', async ({ result, paths }) => {
    await expect(map(result)).rejects.toMatchObject({
      code: 'invalid_request',
      details: paths.map((path) => ({ path, message: expect.stringMatching(/^.{5,}/) })),
    });
  });

  it('to no resource is refused when there is no default resource', async () => {
    await expect(map(VALID, NO_DEFAULT)).rejects.toMatchObject({
      details: [{ path: '/resource', message: 'is missing, and there is no default resource' }],
    });
  });

  it('of one delivery among several says which', async () => {
    await expect(map({ ...VALID, name: '' }, ONE, '/3')).rejects.toMatchObject({
      details: [{ path: '/3/name' }],
    });
  });

  it('that cannot be evaluated is refused with the reason', async () => {
    await expect(
      createMapDelivery({ evaluate: failing, resources: ONE })({ payload: {}, headers: [] }),
    ).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('it casts a list to a number'),
    });
  });

  it('sees the headers that describe the delivery, but no signature or credential', async () => {
    let seen: unknown;
    const evaluate = async (_payload: unknown, bindings?: unknown) => void (seen = bindings);
    const headers: [string, string][] = [
      ['X-GitHub-Event', 'release'],
      ['X-GitHub-Hook-Installation-Target-Type', 'repository'],
      ['Webhook-Id', 'msg_1'],
      ['X-MLflow-Delivery-Id', 'd-1'],
      ['X-Hub-Signature-256', 'sha256=secret'],
      ['X-Hub-Signature', 'sha1=secret'],
      ['Webhook-Signature', 'v1,secret'],
      ['X-MLflow-Signature', 'v1,secret'],
      ['Authorization', 'Bearer secret'],
      ['x-functions-key', 'secret'],
      ['Cookie', 'secret'],
      ['Training-Key', 'secret'],
    ];
    await createMapDelivery({ evaluate, resources: ONE })({ payload: {}, headers });
    expect(seen).toEqual({
      headers: {
        'x-github-event': 'release',
        'x-github-hook-installation-target-type': 'repository',
        'webhook-id': 'msg_1',
        'x-mlflow-delivery-id': 'd-1',
      },
    });
  });
});
