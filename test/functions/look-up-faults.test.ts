import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionApp } from '../stack/function-app.ts';
import type { FaultKind } from '../stack/faults.ts';
import { type OtherHost, startOtherHost } from './other-host.ts';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
let seeded: SeededIteration;
let otherHost: OtherHost;
beforeAll(async () => {
  otherHost = await startOtherHost();
  proxy = await startRenameProxy({ settings: { UPSTREAM_TIMEOUT_SECONDS: '1' } });
  seeded = proxy.seed();
});
afterEach(() => proxy.clearFaults());
afterAll(async () => {
  await proxy.stop();
  otherHost.stop();
});

const ROOT = '/customvision/v3.2/training/projects';
const pathsOf = ({ projectId, iterationId }: SeededIteration) => [
  ROOT,
  `${ROOT}/${projectId}`,
  `${ROOT}/${projectId}/iterations`,
  `${ROOT}/${projectId}/iterations/${iterationId}`,
];

/** Makes each of the four look-ups. */
async function lookUpAll(app: FunctionApp = proxy.app, accept = 'application/json') {
  return Promise.all(
    pathsOf(seeded).map(async (path) => {
      const answer = await fetch(`${app.url}${path}`, {
        headers: { 'x-functions-key': app.functionKey, accept },
        redirect: 'manual',
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    }),
  );
}

const json = (value: unknown) => JSON.stringify(value);
const GATEWAY = json({ error: { code: '403', message: 'Access denied due to Virtual Network rules.' } });
const OTHER = '00000000-0000-4000-8000-000000000000';
const UNUSABLE = 'gave no usable answer';
const NO_ANSWER = 'gave no answer in time';
const ACCESS = "refused this proxy's own access";

interface FaultCase {
  case: string;
  fault: FaultKind | (() => FaultKind);
  status: number;
  code?: string;
  message: string;
}

const CASES: FaultCase[] = [
  { case: 'hangs', fault: { kind: 'hang' }, status: 504, message: NO_ANSWER },
  { case: 'resets', fault: { kind: 'reset' }, status: 504, message: NO_ANSWER },
  { case: 'loses its answer', fault: { kind: 'answer-lost' }, status: 504, message: NO_ANSWER },
  { case: 'stops half way', fault: { kind: 'stall', acts: true }, status: 504, message: NO_ANSWER },
  { case: 'is late', fault: { kind: 'delay', delayMs: 1500 }, status: 504, message: NO_ANSWER },
  { case: 'answers 500', fault: { kind: 'status', status: 500 }, status: 502, message: UNUSABLE },
  {
    case: 'answers 503 with a Retry-After',
    fault: { kind: 'status', status: 503, headers: { 'retry-after': '60' } },
    status: 502,
    message: UNUSABLE,
  },
  { case: 'answers 408', fault: { kind: 'status', status: 408 }, status: 502, message: UNUSABLE },
  ...[301, 302, 307].map((status): FaultCase => ({
    case: `redirects with ${status}`,
    fault: () => ({ kind: 'redirect', location: `${otherHost.url}/elsewhere`, status }),
    status: 502,
    message: UNUSABLE,
  })),
  { case: 'answers 204', fault: { kind: 'status', status: 204 }, status: 502, message: UNUSABLE },
  { case: 'answers no JSON', fault: { kind: 'body', body: '<html>' }, status: 502, message: UNUSABLE },
  { case: 'answers nothing', fault: { kind: 'body', body: '' }, status: 502, message: UNUSABLE },
  {
    case: 'answers no UTF-8',
    fault: { kind: 'body', body: Buffer.of(0x22, 0xff, 0x22) },
    status: 502,
    message: UNUSABLE,
  },
  { case: 'answers an empty object', fault: { kind: 'body', body: '{}' }, status: 502, message: UNUSABLE },
  {
    case: 'answers a list of something else',
    fault: { kind: 'body', body: '[{"id":"1","name":"a"}]' },
    status: 502,
    message: UNUSABLE,
  },
  {
    case: 'answers another project or iteration',
    fault: { kind: 'body', body: json({ id: OTHER, name: 'a' }) },
    status: 502,
    message: UNUSABLE,
  },
  { case: 'refuses the key', fault: { kind: 'status', status: 401 }, status: 502, message: ACCESS },
  {
    case: "answers a firewall's 403",
    fault: { kind: 'status', status: 403, body: GATEWAY },
    status: 502,
    message: ACCESS,
  },
  {
    case: "answers a gateway's 404",
    fault: { kind: 'status', status: 404, body: GATEWAY },
    status: 502,
    message: ACCESS,
  },
  {
    case: 'answers its own 404',
    fault: { kind: 'status', status: 404, body: json({ code: 'NotFoundProject', message: 'Not there.' }) },
    status: 404,
    code: 'NotFoundProject',
    message: 'Not there.',
  },
  {
    case: 'answers its own 400',
    fault: { kind: 'status', status: 400, body: json({ code: 'BadRequestInvalid', message: 'No.' }) },
    status: 400,
    code: 'BadRequestInvalid',
    message: 'No.',
  },
];

describe('of an upstream that', () => {
  it.each(CASES)('$case, each look-up learns $status', async ({ fault, status, message, ...row }) => {
    proxy.stack.customVision.faults.inject(typeof fault === 'function' ? fault() : fault);
    const code = row.code ?? 'ErrorUnknown';
    for (const answer of await lookUpAll()) {
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toEqual({ code, message: expect.stringContaining(message) });
      expect(answer.text).not.toMatch(/renam|Virtual Network/i);
      expect([...answer.headers.keys()]).not.toContain('location');
    }
    const [inXml] = await lookUpAll(proxy.app, 'text/xml');
    expect(inXml?.text).toContain(`<CustomVisionError><code>${code}</code><message>`);
    expect(otherHost.requests).toEqual([]);
    await proxy.clearFaults();
    expect((await lookUpAll()).map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  });

  it('refuses this proxy, operators learn it', async () => {
    proxy.stack.customVision.faults.inject({ kind: 'status', status: 403, body: GATEWAY });
    await lookUpAll();
    await expect
      .poll(() => proxy.app.output())
      .toMatch(/"event":"upstream_access_refused","resource":"default","upstreamStatus":403[^\n]*Virtual/);
  });

  it('answers with iterations of another project, nothing is passed on', async () => {
    const body = json([{ id: OTHER, name: 'a', projectId: OTHER }]);
    proxy.stack.customVision.faults.inject({ kind: 'body', body });
    const [projects, , iterations] = await lookUpAll();
    expect([projects?.status, iterations?.status]).toEqual([200, 502]);
  });

  it('cannot be reached, each look-up learns 502', async () => {
    await proxy.stack.customVision.faults.refuse();
    for (const { status, text } of await lookUpAll()) {
      expect([status, text]).toEqual([502, expect.stringContaining('could not be reached')]);
      expect(text).not.toMatch(/renam/i);
    }
  });

  it('asks for a pause, each look-up learns 429, and the resource pauses', async () => {
    // Only the instance that got the 429 pauses, so this test has an instance of its own.
    const app = await proxy.stack.startApp();
    const { customVision } = proxy.stack;
    const headers = { 'retry-after': '30' };
    customVision.faults.inject({ kind: 'status', status: 429, headers, body: GATEWAY });
    // None is answered before all have come: the first answer would make the others wait.
    let toCome = 4;
    const allCame = Promise.withResolvers<void>();
    customVision.hooks.onReceived = () => {
      if ((toCome -= 1) === 0) allCame.resolve();
      return allCame.promise;
    };
    for (const { status, headers: got, text } of await lookUpAll(app)) {
      expect([status, text]).toEqual([429, expect.stringContaining('asked for a pause')]);
      expect(text).not.toMatch(/renam/i);
      expect(got.get('retry-after')).toBe('30');
    }
    delete customVision.hooks.onReceived;
    await proxy.clearFaults();
    const since = customVision.journal.length;
    for (const { status, headers: got, text } of await lookUpAll(app)) {
      expect([status, text]).toEqual([429, expect.stringContaining('Nothing was looked up')]);
      expect(Number(got.get('retry-after'))).toBeGreaterThan(20);
    }
    expect(customVision.journal.length).toBe(since);
    expect((await proxy.rename(seeded, { app })).status, 'renames pause with them').toBe(429);
    await app.stop();
    expect(app.output()).toContain('"event":"upstream_throttled","resource":"default"');
  });
});

it('a vault that cannot be asked is a 503 with Retry-After', async () => {
  proxy.stack.keyVault.faults.inject({ kind: 'status', status: 403 });
  const app = await proxy.stack.startApp();
  for (const { status, headers, text } of await lookUpAll(app)) {
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(text).toContain('Nothing was looked up');
  }
  await app.stop();
});

it('a key that was rotated is fetched anew, and the look-up succeeds', async () => {
  const { customVision, keyVault, trainingKey } = proxy.stack;
  customVision.rotateKey('the-next-key-0123456789abcdef');
  keyVault.setSecret('training-key', 'the-next-key-0123456789abcdef');
  expect((await lookUpAll()).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  customVision.rotateKey(trainingKey);
  keyVault.setSecret('training-key', trainingKey);
});
