import { expect, it } from 'vitest';
import { acceptOne, answersWith, carryOut, NO_ANSWER, REFUSED, THROTTLED } from './queued/queued-world.ts';
import { createWorld } from './world.ts';

type World = ReturnType<typeof createWorld>;

const tableIsDown = () => Promise.reject(new Error('the table is down'));

it.each<{ case: string; act: (world: World) => Promise<unknown>; world?: () => World }>([
  { case: 'a rename', act: (world) => world.rename('v1') },
  {
    case: 'a refusal',
    act: (world) => {
      world.script.rename = answersWith(REFUSED);
      return world.rename('v1');
    },
  },
  {
    case: 'a rename that cannot be put on record',
    act: (world) => world.rename('v1'),
    world: () => createWorld({ log: () => ({ begin: tableIsDown }) }),
  },
  {
    case: 'a rename that meets another one',
    act: async (world) => {
      world.script.rename = answersWith(NO_ANSWER);
      await world.rename('v1').catch(() => {});
      return world.rename('v2');
    },
  },
  {
    case: 'a rename that settles another one first',
    act: async (world) => {
      world.script.rename = answersWith(NO_ANSWER);
      await world.rename('v1').catch(() => {});
      world.advance(world.timings.leaseMs);
      return world.rename('v2');
    },
  },
  { case: 'a queued rename', act: async (world) => carryOut(world, await acceptOne(world)) },
  {
    case: 'a queued rename that cannot be begun',
    act: async (world) => carryOut(world, await acceptOne(world)),
    world: () => createWorld({ accepted: () => ({ begin: tableIsDown }) }),
  },
  {
    case: 'a queued rename that meets another one',
    act: async (world) => {
      world.script.rename = answersWith(NO_ANSWER);
      await world.rename('v1').catch(() => {});
      return carryOut(world, await acceptOne(world));
    },
  },
  {
    case: 'a queued rename that is resumed',
    act: async (world) => {
      const pointer = await acceptOne(world);
      world.script.rename = answersWith(THROTTLED);
      await carryOut(world, pointer);
      world.advance(7000);
      return carryOut(world, pointer);
    },
  },
])('$case leaves no upstream call open', async ({ act, world = createWorld }) => {
  const used = world();
  await act(used).catch(() => {});
  expect(used.openCalls()).toBe(0);
});
