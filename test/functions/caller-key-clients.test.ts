import { randomUUID } from 'node:crypto';
import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials, RestError } from '@azure/ms-rest-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InjectedFault } from '../stack/faults.ts';
import { type Answer, type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({
    callerAuthentication: 'caller-key',
    callers: ['line-3', 'stranger'],
    settings: {
      ACCESS_POLICY: '[{"caller":"key:line-3","projects":["*"],"resources":["*"],"may":["rename","read"]}]',
    },
  });
});
afterAll(() => proxy.stop());

const keyOf = (name: string) => proxy.stack.callerKeys[name] ?? '';

/** A usual client: its own code, with endpoint and key changed. */
const client = (key: string, headers: Record<string, string> = {}) =>
  new TrainingAPIClient(
    new ApiKeyCredentials({ inHeader: { 'Training-key': key, ...headers } }),
    proxy.app.url,
    // The SDK repeats a 503 for minutes; what is shown here is what it makes of the last answer.
    { noRetryPolicy: true },
  );

it('the official JavaScript SDK renames with endpoint and key changed, and nothing else', async () => {
  const { projectId, iterationId } = proxy.seed();
  const iteration = await client(keyOf('line-3')).updateIteration(projectId, iterationId, { name: 'by key' });
  expect(iteration).toMatchObject({ id: iterationId, name: 'by key', lastModified: expect.any(Date) });
  const upstream = JSON.stringify(proxy.stack.customVision.journal);
  expect(upstream).not.toContain(keyOf('line-3'));
});

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly key?: () => string;
  readonly path?: (iteration: SeededIteration) => SeededIteration;
  readonly prepare?: (iteration: SeededIteration) => Promise<() => Promise<unknown>>;
  readonly headers?: Record<string, string>;
}

const inject = (fault: InjectedFault) => async () => fault.clear();

/** Every refusal that a client has to understand. */
const REFUSALS: readonly Refusal[] = [
  { status: 401, code: 'Unauthorized', key: () => `line-3.${'x'.repeat(43)}` },
  { status: 403, code: 'ForbiddenUserInsufficientCapability', key: () => keyOf('stranger') },
  {
    status: 404,
    code: 'NotFoundIteration',
    path: ({ projectId, path, iterationId }) => {
      const other = randomUUID();
      return { projectId, iterationId: other, path: path.replace(iterationId, other) };
    },
  },
  {
    status: 409,
    code: 'Conflict',
    async prepare(iteration) {
      const slow = proxy.stack.customVision.faults.inject({ kind: 'delay', delayMs: 500, when: 'PATCH' });
      const first = proxy.rename(iteration, { name: 'first', headers: { 'training-key': keyOf('line-3') } });
      await expect.poll(() => slow.hits()).toBe(1);
      return async () => {
        await first;
        slow.clear();
      };
    },
  },
  {
    status: 422,
    code: 'Conflict',
    headers: { 'Idempotency-Key': 'used-before' },
    async prepare(iteration) {
      const headers = { 'training-key': keyOf('line-3'), 'idempotency-key': 'used-before' };
      await proxy.rename(iteration, { name: 'another', headers });
      return async () => {};
    },
  },
  {
    status: 429,
    code: 'ErrorUnknown',
    prepare: async () =>
      inject(
        proxy.stack.customVision.faults.inject({
          kind: 'status',
          status: 429,
          headers: { 'retry-after': '1' },
          body: '{"error":{"code":"429","message":"Too many requests."}}',
          when: 'PATCH',
        }),
      ),
  },
  {
    status: 503,
    code: 'ErrorUnknown',
    prepare: async () => inject(proxy.stack.tables.faults.inject({ kind: 'status', status: 503 })),
  },
];

async function refused<T>(refusal: Refusal, ask: (iteration: SeededIteration) => Promise<T>): Promise<T> {
  const seeded = proxy.seed();
  const undo = (await refusal.prepare?.(seeded)) ?? (async () => {});
  try {
    return await ask(refusal.path?.(seeded) ?? seeded);
  } finally {
    await undo();
    if (refusal.status === 429) await new Promise((resolve) => setTimeout(resolve, 1100)); // the pause
  }
}

describe.each(REFUSALS)('a $status', (refusal) => {
  const { status, code, headers = {} } = refusal;
  const key = () => refusal.key?.() ?? keyOf('line-3');

  it("is the JavaScript SDK's own error", async () => {
    const error = await refused(refusal, ({ projectId, iterationId }) =>
      client(key(), headers)
        .updateIteration(projectId, iterationId, { name: 'a' })
        .catch((thrown: unknown) => thrown),
    );
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({
      statusCode: status,
      message: expect.stringMatching(/\w/),
      body: { code, message: expect.stringMatching(/\w/) },
    });
  });

  // What both read is the body: an object with the texts `code` and `message`, in JSON and by its media type.
  it.each([
    {
      sdk: 'Python',
      sent: {
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate',
        'content-type': 'application/json; charset=utf-8',
        'user-agent':
          'python/3.12.3 (Linux-6.8.0) msrest/0.7.1 azure-cognitiveservices-vision-customvision/3.1.1',
      },
      body: '{"name": "a"}',
    },
    {
      sdk: '.NET',
      sent: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent':
          'FxVersion/8.0.424 OSName/Linux Microsoft.Azure.CognitiveServices.Vision.CustomVision.Training.CustomVisionTrainingClient/2.0.0',
      },
      body: '{\r\n  "name": "a"\r\n}',
    },
  ])('is one that the $sdk SDK parses', async ({ sent, body }) => {
    const answer: Answer = await refused(refusal, (iteration) =>
      proxy.rename(iteration, { body, headers: { ...sent, ...headers, 'training-key': key() } }),
    );
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.json).toMatchObject({ code, message: expect.stringMatching(/\w/) });
    const retryAfter = [409, 429, 503].includes(status) ? /^[1-9]\d*$/ : /^none$/;
    expect(answer.headers.get('retry-after') ?? 'none').toMatch(retryAfter);
  });
});
