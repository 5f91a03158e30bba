import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultKind } from '../stack/faults.ts';
import { type KeyLeakProxy, startKeyLeakProxy } from './key-leak-proxy.ts';
import { unicodeEscaped, WRITINGS } from './key-writings.ts';
import type { SeededIteration } from './rename-proxy.ts';

let proxy: KeyLeakProxy;
let key: string;
beforeAll(async () => {
  proxy = await startKeyLeakProxy();
  ({ key } = proxy);
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

/** Makes each look-up with each kind of answer, and looks for the key in all that came of them. */
function lookUpAndLook(iteration: SeededIteration) {
  const { url, functionKey } = proxy.app;
  const [, root = '', project = ''] = /^(.*\/projects)(\/[^/]+)/.exec(iteration.path) ?? [];
  const paths = [root, `${root}${project}`, `${root}${project}/iterations`, iteration.path, '/resources'];
  const ask = paths.flatMap((path) =>
    ['application/json', 'text/xml'].map(async (accept) => {
      const answer = await fetch(`${url}${path}`, {
        headers: { 'x-functions-key': functionKey, accept },
        redirect: 'manual',
      });
      const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
      return {
        path,
        status: answer.status,
        raw: [answer.statusText, ...lines, '', await answer.text()].join('\n'),
      };
    }),
  );
  return proxy.askAndLook(iteration, () => Promise.all(ask));
}

/** Without `GET /resources`, which asks nothing of the service. */
async function statusesOf(iteration: SeededIteration): Promise<number[]> {
  const answers = await lookUpAndLook(iteration);
  return answers.filter(({ path }) => path !== '/resources').map(({ status }) => status);
}

const inEach = (status: number) => Array.from({ length: 8 }, () => status);

describe('a look-up leaks the training key nowhere', () => {
  it('when it succeeds', async () => {
    expect(await statusesOf(proxy.seed())).toEqual(inEach(200));
  });

  it.each(WRITINGS)('when what was found contains it $writing', async ({ write }) => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const { faults } = proxy.stack.customVision;
    const found = (id: string) => `{"id":"${id}","name":"a","newer":{"of":["${write(key)}"]}}`;
    const answers = [
      { end: '/projects', body: `[${found(projectId)}]` },
      { end: `/${projectId}`, body: found(projectId) },
      { end: '/iterations', body: `[${found(iterationId)}]` },
      { end: `/${iterationId}`, body: found(iterationId) },
    ];
    for (const { end, body } of answers) {
      faults.inject({ kind: 'body', body, when: ({ path }) => path.endsWith(end) });
    }
    expect(await statusesOf(iteration)).toEqual(inEach(502));
  });

  it.each(WRITINGS)('when a refusal quotes it $writing', async ({ write }) => {
    const body = `{"code":"BadRequest","message":"Bad header: ${write(key)}."}`;
    proxy.stack.customVision.faults.inject({ kind: 'status', status: 400, body });
    expect(await statusesOf(proxy.seed())).toEqual(inEach(502));
  });

  const faults: { case: string; fault: (secret: string) => FaultKind }[] = [
    {
      case: 'a project that is not shown has it',
      fault: (secret) => ({ kind: 'body', body: JSON.stringify([{ id: '1', name: secret }]) }),
    },
    {
      case: 'the name of a property is it',
      fault: (secret) => ({ kind: 'body', body: `{"${unicodeEscaped(secret)}":1}` }),
    },
    {
      case: 'a 401 quotes it',
      fault: (secret) => ({
        kind: 'status',
        status: 401,
        headers: { 'www-authenticate': `Key ${secret}` },
        body: JSON.stringify({ code: 'Unauthorized', message: `Access denied for ${secret}` }),
      }),
    },
    {
      case: 'a gateway quotes it',
      fault: (secret) => ({
        kind: 'status',
        status: 403,
        headers: { 'retry-after': secret },
        body: JSON.stringify({ error: { code: 'TooMany', message: secret } }),
      }),
    },
    {
      case: 'a 500 quotes it',
      fault: (body) => ({ kind: 'status', status: 500, body }),
    },
    {
      case: 'a redirect to another host contains it',
      fault: (secret) => ({
        kind: 'redirect',
        location: `${proxy.otherHostUrl}/?key=${encodeURIComponent(secret)}`,
      }),
    },
    { case: 'the answer is too large', fault: (secret) => ({ kind: 'body', body: secret.repeat(100_000) }) },
    { case: 'the answer stops half way', fault: () => ({ kind: 'stall', acts: true }) },
    { case: 'the upstream hangs', fault: () => ({ kind: 'hang' }) },
  ];
  it.each(faults)('when $case', async ({ fault }) => {
    proxy.stack.customVision.faults.inject(fault(key));
    for (const status of await statusesOf(proxy.seed())) expect(status).toBeGreaterThanOrEqual(502);
  });

  it('when the upstream cannot be reached', async () => {
    await proxy.stack.customVision.faults.refuse();
    expect(await statusesOf(proxy.seed())).toEqual(inEach(502));
  });
});
