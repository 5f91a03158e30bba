import { describe, expect, it } from 'vitest';
import { createLookUp, LOOK_UP_MAX_MIB } from '../../src/custom-vision/look-up.ts';
import { LookUpError } from '../../src/custom-vision/look-up-error.ts';
import type { LookUpTarget } from '../../src/custom-vision/look-up-target.ts';
import { parseTrainingKey } from '../../src/key-vault/parse-training-key.ts';
import type { Exchange, ExchangeRequest } from '../../src/outbound/send-request.ts';

const projectId = '11111111-1111-4111-8111-111111111111';
const iterationId = '22222222-2222-4222-8222-222222222222';
const KEY = 'key-0123456789abcdef';

const answered = (status: number, body: unknown): Exchange => ({
  kind: 'answered',
  status,
  text: JSON.stringify(body),
  header: () => null,
  isTooLarge: false,
});

/** Asks one look-up of an upstream that gives this answer, and shows what became of its turn. */
async function ask(
  answer: Exchange,
  { target = { of: 'projects' }, hasKey = true }: { target?: LookUpTarget; hasKey?: boolean } = {},
) {
  const sent: ExchangeRequest[] = [];
  const turns: string[] = [];
  const key = parseTrainingKey(KEY);
  const lookUp = createLookUp({
    resources: new Map([
      ['line-3', { endpoint: new URL('https://upstream.example'), trainingKeySecret: 'k' }],
    ]),
    rateLimit: {
      async take(resource, callerId) {
        turns.push(`${callerId} takes one on ${resource}`);
        return { giveBack: () => void turns.push('gives it back') };
      },
      pauseFor: (resource, ms) => void turns.push(`${resource} pauses for ${ms} ms`),
    },
    trainingKeys: {
      get: async () => {
        if (key === null || !hasKey) throw new Error('no key');
        return key;
      },
      replacementFor: () => Promise.reject(new Error('no newer key')),
    },
    async sendRequest(request) {
      sent.push(request);
      return answer;
    },
    timeoutMs: 1000,
    now: Date.now,
  });
  const found = await lookUp({
    resource: 'line-3',
    apiVersion: 'v3.3',
    target,
    callerId: 'key:a',
    traceparent: null,
    report: () => {},
  }).catch((error: unknown) => {
    if (error instanceof LookUpError) return error.code;
    throw error;
  });
  return { found, sent, turns };
}

describe('a look-up', () => {
  it.each([
    { target: { of: 'projects' }, path: '' },
    { target: { of: 'project', projectId }, path: `/${projectId}` },
    { target: { of: 'iterations', projectId }, path: `/${projectId}/iterations` },
    { target: { of: 'iteration', projectId, iterationId }, path: `/${projectId}/iterations/${iterationId}` },
  ] as const)('of $target.of is one GET with the key, and reads 4 MiB at most', async ({ target, path }) => {
    const { sent } = await ask(answered(200, []), { target });
    expect(sent).toEqual([
      {
        method: 'GET',
        url: new URL(`https://upstream.example/customvision/v3.3/training/projects${path}`),
        headers: { accept: 'application/json', 'training-key': KEY },
        body: null,
        maxResponseBytes: LOOK_UP_MAX_MIB * 1024 * 1024,
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  const taken = 'key:a takes one on line-3';
  it.each([
    {
      case: 'was answered',
      answer: answered(200, []),
      turns: [taken],
      found: { model: 'Project', found: [] },
    },
    { case: 'was refused', answer: answered(404, {}), turns: [taken], found: 'look_up_refused' },
    { case: 'had no answer', answer: { kind: 'no_answer' }, turns: [taken], found: 'look_up_unanswered' },
    {
      case: 'was not sent',
      answer: { kind: 'not_sent' },
      turns: [taken, 'gives it back'],
      found: 'look_up_unreachable',
    },
    {
      case: 'met a limit of the service',
      answer: answered(429, {}),
      turns: [taken, 'line-3 pauses for 1000 ms'],
      found: 'look_up_pause',
    },
  ] as const)('that $case keeps or gives back its turn', async ({ answer, turns, found }) => {
    expect(await ask(answer)).toMatchObject({ turns, found });
  });

  it('without a key sends nothing, and gives its turn back', async () => {
    expect(await ask(answered(200, []), { hasKey: false })).toMatchObject({
      found: 'look_up_without_key',
      sent: [],
      turns: [taken, 'gives it back'],
    });
  });
});
