import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
let iteration: SeededIteration;
beforeAll(async () => {
  proxy = await startRenameProxy({
    callerAuthentication: 'caller-key',
    callers: ['granted', 'stranger', 'reader'],
    resources: ['default', 'line-2'],
    settings: {
      CALLER_KEYS: '["Granted","STRANGER","reader"]',
      ACCESS_POLICY: JSON.stringify([
        { caller: 'key:GRANTED', projects: ['*'], resources: ['LINE-2', 'Default'], may: ['rename', 'read'] },
        { caller: 'key:reader', projects: ['*'], resources: ['*'], may: ['read'] },
      ]),
    },
  });
  iteration = proxy.seed();
});
afterAll(() => proxy.stop());

const as = (caller: string) => ({ 'training-key': proxy.stack.callerKeys[caller] ?? '' });

describe.each(['stranger', 'reader'])('a caller without any grant to rename: %s', (caller) => {
  it.each([
    { case: 'a resource that exists', path: (path: string) => `/line-2${path}` },
    { case: 'a resource that does not', path: (path: string) => `/nowhere${path}` },
    { case: 'the default resource', path: (path: string) => path },
    { case: 'another project', path: (path: string) => path.replace(iteration.projectId, randomUUID()) },
    { case: 'an unknown API version', path: (path: string) => path.replace('v3.2', 'v9') },
    { case: 'ids that are none', path: (path: string) => path.replace(iteration.iterationId, 'x') },
  ])('gets one and the same answer for $case', async ({ path }) => {
    for (const body of ['{"name":"a"}', '{"nonsense":1}', '']) {
      const answer = await proxy.rename(iteration, { path: path(iteration.path), headers: as(caller), body });
      expect(answer.status).toBe(403);
      expect(answer.json).toEqual({
        code: 'ForbiddenUserInsufficientCapability',
        message: 'No grant allows this caller to do this.',
      });
    }
  });

  it('names no resource by a header either', async () => {
    const statuses = ['line-2', 'nowhere', 'default'].map(async (resource) => {
      const headers = { ...as(caller), 'custom-vision-resource': resource };
      return (await proxy.rename(iteration, { headers })).text;
    });
    expect(new Set(await Promise.all(statuses)).size).toBe(1);
  });
});

it('logs who asked', () => {
  const { projectId } = iteration;
  const line = { event: 'caller_denied', callerId: 'key:stranger', may: 'rename', projectId, resource: null };
  expect(proxy.app.output()).toContain(JSON.stringify(line));
});

it('names and ids ignore case alike: in settings, grants, paths and headers', async () => {
  const onLine2 = proxy.seed('Iteration 1', 'line-2');
  const byPath = await proxy.rename(onLine2, {
    name: 'by path',
    path: `/LINE-2${onLine2.path.toUpperCase().replace('V3.2', 'v3.2')}`,
    headers: as('granted'),
  });
  const byHeader = await proxy.rename(onLine2, {
    name: 'by header',
    headers: { ...as('granted'), 'custom-vision-resource': 'Line-2' },
  });
  expect([byPath.status, byHeader.status]).toEqual([200, 200]);
  const history = await fetch(`${proxy.app.url}/projects/${onLine2.projectId.toUpperCase()}/renames`, {
    headers: as('granted'),
  });
  const { renames }: { renames: unknown[] } = JSON.parse(await history.text());
  expect([history.status, renames.length]).toEqual([200, 2]);
  expect(proxy.stack.customVisions['line-2']?.iteration(onLine2.projectId, onLine2.iterationId)?.name).toBe(
    'by header',
  );
});
