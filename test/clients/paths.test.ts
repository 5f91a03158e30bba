import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iterationPath } from '../functions/rename-proxy.ts';
import { post, SECRETS, SIGN, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy({ resources: ['default', 'line-2'] });
});
afterAll(() => proxy.stop());

describe('what this proxy does not serve', () => {
  it.each([
    { method: 'GET', path: '/customvision/v3.3/training/projects/a/tags' },
    { method: 'POST', path: '/line-2/customvision/v3.3/training/projects/a/train' },
    { method: 'DELETE', path: iterationPath('a', 'b') },
    { method: 'PUT', path: '/health' },
    { method: 'PATCH', path: '/line-3' },
    { method: 'GET', path: '/webhooks/github' },
    { method: 'OPTIONS', path: '/projects/a/renames' },
  ])('is an error that an SDK can read: $method $path', async ({ method, path }) => {
    const answer = await fetch(`${proxy.app.url}${path}`, { method });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const body: unknown = await answer.json();
    expect(body).toEqual({ code: 'NotFound', message: expect.stringContaining(`${method} ${path}`) });
  });

  it('is an error in XML where the client asks for it', async () => {
    const answer = await fetch(`${proxy.app.url}/customvision`, { headers: { accept: 'text/xml' } });
    expect(await answer.text()).toMatch(/<CustomVisionError><code>NotFound<\/code>/);
  });

  it.each(['/', '/default//'])('is the empty 404 of the host itself with two slashes: %s', async (prefix) => {
    const path = `${prefix}${iterationPath(randomUUID(), randomUUID())}`;
    const answer = await fetch(`${proxy.app.url}${path}`, { method: 'PATCH' });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 404, text: '' });
  });
});

describe('the letter case', () => {
  it.each([
    { case: 'of a version', change: (path: string) => path.replace('v3.2', 'V3.2') },
    { case: 'of a path', change: (path: string) => path.replace('training/projects', 'Training/Projects') },
    { case: 'of a resource', change: (path: string) => `/DEFAULT${path}` },
  ])('$case does not count', async ({ change }) => {
    const iteration = proxy.seed();
    const answer = await proxy.rename(iteration, { path: change(iteration.path) });
    expect(answer.status).toBe(200);
    expect((await proxy.records(iteration.projectId))[0]).toMatchObject({
      apiVersion: 'v3.2',
      resource: 'default',
    });
  });

  it.each([
    { case: 'JSON', type: 'application/json', body: '{"Name":"v2","Status":"Completed"}' },
    { case: 'a form', type: 'application/x-www-form-urlencoded', body: 'NAME=v2' },
  ])('of a property does not count in $case', async ({ type, body }) => {
    const answer = await proxy.rename(proxy.seed(), { body, headers: { 'content-type': type } });
    expect(answer.json['name']).toBe('v2');
  });

  it('of a property twice is no way to send two names', async () => {
    const answer = await proxy.rename(proxy.seed(), { body: '{"name":"a","Name":"b"}' });
    expect(answer).toMatchObject({ status: 400, json: { details: [{ path: '/name' }] } });
  });

  it('of a webhook source does not count', async () => {
    const { projectId, iterationId } = proxy.seed();
    const body = JSON.stringify({ projectId, iterationId, name: 'v2' });
    const headers = SIGN.github({ body, secret: SECRETS.github, id: randomUUID() });
    const first = await post(proxy.app, '/webhooks/GitHub', body, headers);
    expect(first.status).toBe(202);
    expect((await post(proxy.app, '/webhooks/github', body, headers)).text).toBe(first.text);
    const key = { 'x-functions-key': proxy.app.functionKey, 'content-type': 'application/cloudevents+json' };
    const event = JSON.stringify({ specversion: '1.0', id: '1', source: '/a', type: 'b' });
    expect((await post(proxy.app, '/webhooks/Events', event, key)).status).toBe(204);
    const handshake = await fetch(`${proxy.app.url}/webhooks/Events`, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
    });
    expect(handshake.status).toBe(200);
  });
});
