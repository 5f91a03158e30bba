import { expect, it } from 'vitest';
import { watchAccess } from '../../src/custom-vision/watch-access.ts';
import type { UpstreamAnswer } from '../../src/rename/upstream.ts';

const refusal = { status: 403, code: 'Forbidden', message: 'no' };
const said = { attempts: 1, requestId: null };
const ANSWERS = {
  access_refused: { ...said, kind: 'access_refused', refusal },
  refused: { ...said, kind: 'refused', refusal },
  renamed: { ...said, kind: 'renamed', status: 200, appliedName: 'a', iteration: null },
  no_answer: { ...said, kind: 'no_answer' },
} as const satisfies Record<string, UpstreamAnswer>;

function createWorld() {
  let nowMs = 0;
  let answer: UpstreamAnswer = ANSWERS.renamed;
  const watched = watchAccess(
    {
      call: () => ({
        read: async () => ({ kind: 'unavailable' }),
        rename: async () => answer,
        abandon() {},
      }),
    },
    () => nowMs,
  );
  return {
    check: () =>
      watched.check().then(
        () => 'ok' as const,
        () => 'failing' as const,
      ),
    async rename(kind: keyof typeof ANSWERS, resource = 'default') {
      answer = ANSWERS[kind];
      const target = { resource, apiVersion: 'v3.2', projectId: 'p', iterationId: 'i' };
      await watched.upstream.call(target, null).rename('a', () => true);
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('fails from a refusal of access until a rename is answered otherwise', async () => {
  const world = createWorld();
  expect(await world.check()).toBe('ok');
  await world.rename('access_refused');
  expect(await world.check()).toBe('failing');
  await world.rename('no_answer');
  expect(await world.check(), 'no answer says nothing').toBe('failing');
  await world.rename('refused');
  expect(await world.check()).toBe('ok');
});

it('fails where one of several resources refuses', async () => {
  const world = createWorld();
  await world.rename('access_refused', 'red');
  await world.rename('renamed', 'blue');
  expect(await world.check()).toBe('failing');
});

it('forgets a refusal after five minutes without a rename', async () => {
  const world = createWorld();
  await world.rename('access_refused');
  world.pass(5 * 60_000);
  expect(await world.check()).toBe('ok');
});
