import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from '../functions/rename-proxy.ts';

// Clients change the name in what they have read, and send the whole back.

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterAll(() => proxy.stop());

const INFO = {
  projectId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  iterationId: 'b',
  trainingTimeInMinutes: 3,
};

it.each([
  {
    case: 'null, as JSON',
    type: 'application/json',
    body: { customBaseModelInfo: null, trainingErrorDetails: '' },
  },
  {
    case: 'full, as JSON',
    type: 'application/json',
    body: { customBaseModelInfo: INFO, trainingErrorDetails: 'a' },
  },
  {
    case: 'empty, as XML',
    type: 'application/xml',
    body: '<Iteration><name>v2</name><customBaseModelInfo/><trainingErrorDetails></trainingErrorDetails></Iteration>',
  },
  {
    case: 'full, as XML',
    type: 'text/xml',
    body: '<Iteration><customBaseModelInfo><projectId>a</projectId></customBaseModelInfo><name>v2</name></Iteration>',
  },
  {
    case: 'in a form',
    type: 'application/x-www-form-urlencoded',
    body: 'name=v2&customBaseModelInfo=&trainingErrorDetails=a',
  },
])('drops the properties that v3.4 adds: $case', async ({ type, body }) => {
  const iteration = proxy.seed();
  const sent = typeof body === 'string' ? body : JSON.stringify({ name: 'v2', ...body });
  const answer = await proxy.rename(iteration, { body: sent, headers: { 'content-type': type } });
  expect(answer.status).toBe(200);
  const patch = proxy.upstreamRequests(iteration).find(({ method }) => method === 'PATCH');
  expect(JSON.parse(patch?.body ?? '')).toEqual({ name: 'v2' });
});
