import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterAll(() => proxy.stop());

const REFUSALS = [
  {
    case: 'a firewall',
    status: 403,
    body: '{"error":{"code":"403","message":"Access denied due to Virtual Network/Firewall rules."}}',
    said: 'Virtual Network',
  },
  {
    case: 'key authentication switched off',
    status: 403,
    body: '{"error":{"code":"AuthenticationTypeDisabled","message":"Key based authentication is disabled for this resource."}}',
    said: 'AuthenticationTypeDisabled',
  },
  {
    case: 'the call quota',
    status: 403,
    body: '{"error":{"code":"403","message":"Out of call volume quota. Quota will be replenished in 2 days."}}',
    said: 'Out of call volume quota',
  },
  {
    case: "the service's own body",
    status: 403,
    body: '{"code":"Forbidden","message":"The key has no access."}',
    said: 'The key has no access.',
  },
  {
    case: 'a key that is no more',
    status: 401,
    body: '{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}',
    said: 'invalid subscription key',
  },
];

it.each(REFUSALS)("a refusal about us is not the caller's fault: $case", async ({ status, body, said }) => {
  const refused = proxy.stack.customVision.faults.inject({ kind: 'status', status, body, when: 'PATCH' });
  const iteration = proxy.seed();
  const answer = await proxy.rename(iteration, {});
  refused.clear();
  expect(answer.status).toBe(502);
  expect(answer.json['code']).toBe('ErrorUnknown');
  expect(answer.json['message']).toMatch(/Nothing was renamed; tell its operators/);
  expect(answer.text).not.toContain(said);
  expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
    status: 'not_applied',
    upstreamStatus: status,
  });
  await expect
    .poll(() => proxy.app.output())
    .toMatch(new RegExp(`"event":"upstream_access_refused","resource":"default"[^\n]*${said}`));
  expect((await proxy.rename(iteration, {})).status, 'the same request is a new one').toBe(200);
});

it('while every rename fails so, the app is not ready', async () => {
  const body = '{"code":"Forbidden","message":"no"}';
  const refused = proxy.stack.customVision.faults.inject({
    kind: 'status',
    status: 403,
    body,
    when: 'PATCH',
  });
  await proxy.rename(proxy.seed(), {});
  const health = await fetch(`${proxy.app.url}/health`);
  expect([health.status, await health.json()]).toEqual([
    503,
    { status: 'not_ready', checks: { keyVault: 'ok', auditTable: 'ok', customVision: 'failing' } },
  ]);
  refused.clear();
});

it('a 429 of a gateway has the code that the documentation gives it', async () => {
  const body = '{"error":{"code":"TooManyRequests","message":"Slow down."}}';
  const headers = { 'retry-after': '7' };
  const fault = { kind: 'status', status: 429, body, headers, when: 'PATCH' } as const;
  const throttled = proxy.stack.customVision.faults.inject(fault);
  const answer = await proxy.rename(proxy.seed(), {});
  throttled.clear();
  expect([answer.status, answer.json['code'], answer.headers.get('retry-after')]).toEqual([
    429,
    'ErrorUnknown',
    '7',
  ]);
});
