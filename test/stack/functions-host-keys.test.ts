import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppFolder, type AppFolder } from './fixtures/function-app.ts';
import { exchange, statusesIn } from './fixtures/raw-exchange.ts';
import { startFunctionApp, type FunctionApp } from './function-app.ts';
import { TELLING_APP } from './fixtures/telling-app.ts';

const SOURCE = `${TELLING_APP}
http('guarded', { authLevel: 'function' });
http('guarded-too', { authLevel: 'function' });
http('guarded-else', { authLevel: 'function' });
http('administered', { authLevel: 'admin' });
app.timer('timer', { schedule: '0 0 0 1 1 *', handler: () => {} });
`;

let folder: AppFolder;
let app: FunctionApp;

beforeAll(async () => {
  folder = await createAppFolder({
    source: SOURCE,
    hostJson: { extensions: { http: { routePrefix: '' } } },
  });
  app = await startFunctionApp({ appRoot: folder.appRoot, settings: {} });
});
afterAll(async () => {
  await app.stop();
  await folder.remove();
});

async function statusOf(path: string, headers: [string, string][] = [], method = 'GET'): Promise<number> {
  const body = method === 'POST' ? '{}' : null;
  const response = await fetch(`${app.url}${path}`, { method, headers, body });
  await response.arrayBuffer();
  return response.status;
}
/** With one header for each key. */
async function rawStatus(keys: string[]): Promise<number | undefined> {
  const headers = ['Host: h', 'Connection: close', ...keys.map((key) => `X-Functions-Key: ${key}`)];
  return statusesIn(await exchange(app.url, `GET /guarded HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`))[0];
}
const keyed = (...keys: string[]): [string, string][] => keys.map((key) => ['x-functions-key', key]);

describe('function keys', () => {
  it.each([
    { case: 'no key', path: '/guarded', status: 401 },
    { case: 'a wrong key', path: '/guarded', key: () => 'wrong', status: 401 },
    { case: 'the function key', path: '/guarded', key: () => app.functionKey, status: 200 },
    { case: 'the master key', path: '/guarded', key: () => app.masterKey, status: 200 },
    {
      case: 'the function key where admin is asked',
      path: '/administered',
      key: () => app.functionKey,
      status: 401,
    },
    {
      case: 'the master key where admin is asked',
      path: '/administered',
      key: () => app.masterKey,
      status: 200,
    },
  ])('answer $status to $case', async ({ path, key, status }) => {
    const given = key?.();
    expect(await statusOf(path, given === undefined ? [] : keyed(given))).toBe(status);
    expect(await statusOf(given === undefined ? path : `${path}?code=${given}`)).toBe(status);
  });

  it('are taken from `code` in any letter case', async () => {
    expect(await statusOf(`/guarded?CODE=${app.functionKey}`)).toBe(200);
  });

  it('count by the first of two headers, and by the header before `code`', async () => {
    expect(await rawStatus([app.functionKey, 'wrong'])).toBe(200);
    expect(await rawStatus(['wrong', app.functionKey])).toBe(401);
    expect(await statusOf(`/guarded?code=${app.functionKey}`, keyed('wrong'))).toBe(401);
  });

  it('are taken in other letter case once the right one was used, for that function', async () => {
    const other = app.functionKey.toUpperCase();
    expect(await statusOf('/guarded-too', keyed(other))).toBe(401);
    expect(await statusOf('/guarded-too', keyed(app.functionKey))).toBe(200);
    expect(await statusOf('/guarded-too', keyed(other))).toBe(200);
    expect(await statusOf('/guarded-else', keyed(other))).toBe(401);
  });

  it('are not among the settings of the app', () => {
    expect(app.output()).not.toContain(app.masterKey);
  });
});

describe("the host's own paths", () => {
  it.each([
    { path: '/admin/host/status', none: 401, function: 403, master: 200 },
    { path: '/admin/functions', none: 401, function: 403, master: 200 },
    { path: '/admin/functions/timer', method: 'POST', none: 401, function: 403, master: 202 },
    { path: '/admin/functions/none', method: 'POST', none: 401, function: 403, master: 404 },
    { path: '/admin/host/ping', none: 200, function: 200, master: 200 },
    { path: '/runtime/webhooks/eventgrid', none: 401, function: 403, master: 404 },
    { path: '/admin/nothing', none: 404, function: 404, master: 404 },
  ])(
    '$path answers $none without a key, $function to a function key',
    async ({ path, method, ...expected }) => {
      expect({
        none: await statusOf(path, [], method),
        function: await statusOf(path, keyed(app.functionKey), method),
        master: await statusOf(path, keyed(app.masterKey), method),
      }).toEqual(expected);
    },
  );

  it('ask for a token where they refuse', async () => {
    const { headers } = await fetch(`${app.url}/runtime/webhooks/eventgrid`);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('are a public page at the root, unless AzureWebJobsDisableHomepage', async () => {
    const response = await fetch(app.url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await response.text()).toContain('up and running');
    const quiet = await startFunctionApp({
      appRoot: folder.appRoot,
      settings: { AzureWebJobsDisableHomepage: 'true' },
    });
    const answer = await fetch(quiet.url);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    await quiet.stop();
  });
});
