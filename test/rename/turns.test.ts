import { expect, it } from 'vitest';
import type { UpstreamAnswer } from '../../src/rename/upstream.ts';
import { createWorld, errorOf, renamed, said } from './world.ts';

const key = { idempotencyKey: 'k' };

/** A world that counts the turns which the rate limit gave, took back and charged. */
function createCountingWorld() {
  const world = createWorld();
  const turns = { taken: 0, givenBack: 0, charged: 0 };
  world.rateLimit.take = async () => {
    turns.taken += 1;
    return { giveBack: () => (turns.givenBack += 1) };
  };
  world.rateLimit.charge = () => (turns.charged += 1);
  return { ...world, turns };
}

it('a rename takes one turn', async () => {
  const world = createCountingWorld();
  await world.rename('v1');
  expect(world.turns).toEqual({ taken: 1, givenBack: 0, charged: 0 });
});

it('a request that is sent although its key was known to have an answer is charged', async () => {
  const world = createCountingWorld();
  world.script.rename = async () => ({ ...said, kind: 'not_sent', reason: 'unreachable' });
  await errorOf(world.rename('v1', key));
  expect(await errorOf(world.rename('v2', key))).toMatchObject({ code: 'idempotency_key_reused' });
  world.script.rename = async (name) => renamed(name);
  expect(await world.rename('v1', key)).toMatchObject({ replayed: false });
  expect(world.turns).toEqual({ taken: 2, givenBack: 0, charged: 1 });
});

it('a request that meets a rename under way gives its turn back', async () => {
  const world = createCountingWorld();
  const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
  world.script.rename = () => promise;
  const first = world.rename('v1');
  await expect.poll(() => world.sent).toEqual(['v1']);
  expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy' });
  expect(world.turns).toEqual({ taken: 2, givenBack: 1, charged: 0 });
  resolve(renamed('v1'));
  await first;
});

it('a request that has read the iteration in vain has used its turn', async () => {
  const world = createCountingWorld();
  world.script.rename = async () => ({ ...said, kind: 'no_answer' });
  await errorOf(world.rename('v1'));
  expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy' });
  expect(world.turns).toEqual({ taken: 2, givenBack: 0, charged: 0 });
});
