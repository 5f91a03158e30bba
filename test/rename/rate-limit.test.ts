import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/rename/rate-limit.ts';
import { RenameError } from '../../src/rename/rename-error.ts';
import { createPassingTime } from './passing-time.ts';

function createWorld({ maxRenamesPerSecond = 3, random = 0 } = {}) {
  const time = createPassingTime();
  const rateLimit = createRateLimit({ ...time, maxRenamesPerSecond, random: () => random });
  /** When the turn came, in ms, or the error and its Retry-After. */
  const ask = (callerId = 'a', resource = 'default') =>
    rateLimit.take(resource, callerId).then(
      () => time.monotonic(),
      (error: unknown) =>
        error instanceof RenameError ? `${error.code} ${error.retryAfterMs}` : String(error),
    );
  const askMany = (count: number, callerId = 'a', resource = 'default') =>
    Promise.all(Array.from({ length: count }, () => ask(callerId, resource)));
  return { ...time, rateLimit, ask, askMany };
}

describe('one resource', () => {
  it('lets a second of renames through at once, then only as fast as the rate', async () => {
    const world = createWorld();
    const asked = world.askMany(6);
    await world.pass(1000);
    expect(await asked).toEqual([0, 0, 0, 334, 667, 1000]);
  });

  it('has one timer for all who wait', async () => {
    const time = createPassingTime();
    let timers = 0;
    let most = 0;
    const sleep = async (ms: number): Promise<void> => {
      most = Math.max(most, (timers += 1));
      await time.sleep(ms);
      timers -= 1;
    };
    const rateLimit = createRateLimit({ ...time, sleep, maxRenamesPerSecond: 3, random: () => 0 });
    const asked = Promise.all(Array.from({ length: 9 }, () => rateLimit.take('default', 'a')));
    await time.pass(3000);
    expect(await asked).toHaveLength(9);
    expect(most).toBe(1);
  });

  it('lets a burst of 9 wait instead of refusing it', async () => {
    const world = createWorld();
    const asked = world.askMany(9);
    await world.pass(3000);
    expect((await asked).every((each) => typeof each === 'number')).toBe(true);
  });

  it('refuses at once what would wait for more than 3 seconds, and says for how long', async () => {
    const world = createWorld();
    const asked = world.askMany(30);
    const refused = world.ask();
    await world.pass(0);
    expect(await refused).toMatch(/^throttled 3\d\d\d(\.\d+)?$/);
    await world.pass(10_000);
    const waited = (await asked).filter((each) => typeof each === 'number');
    expect(waited.length).toBe(11);
    expect(Math.max(...waited)).toBeLessThanOrEqual(3000);
  });

  it('never admits more than the rate and the bucket allow, over any ten seconds', async () => {
    const world = createWorld();
    const admitted: number[] = [];
    for (let ms = 0; ms < 10_000; ms += 10) {
      void world.ask(`caller-${ms % 70}`).then((each) => typeof each === 'number' && admitted.push(each));
      await world.pass(10);
    }
    expect(admitted.length).toBeLessThanOrEqual(3 + 30);
    expect(admitted.length).toBeGreaterThanOrEqual(30);
  });

  it('spreads the callers whom it refuses', async () => {
    const refusals = await Promise.all(
      [0, 0.5].map(async (random) => {
        const world = createWorld({ maxRenamesPerSecond: 0.1, random });
        await world.ask();
        return world.ask();
      }),
    );
    expect(refusals).toEqual(['throttled 10000', 'throttled 10500']);
  });

  it('gives a turn again that was given back', async () => {
    const world = createWorld({ maxRenamesPerSecond: 0.1 });
    for (let count = 0; count < 50; count += 1) {
      const turn = await world.rateLimit.take('default', 'a');
      turn.giveBack();
      turn.giveBack(); // counts once
    }
    expect(await world.ask()).toBe(0);
    expect(await world.ask()).toMatch(/^throttled/);
  });

  it('gives one turn for one that was given back', async () => {
    const world = createWorld();
    const turn = await world.rateLimit.take('default', 'a');
    await world.askMany(2);
    turn.giveBack();
    turn.giveBack(); // counts once
    const asked = world.askMany(2);
    await world.pass(334);
    expect(await asked).toEqual([0, 334]);
  });

  it('serves those who wait at once with a turn that was given back', async () => {
    const world = createWorld({ maxRenamesPerSecond: 0.5 });
    const turn = await world.rateLimit.take('default', 'a');
    const waiting = world.ask();
    await world.pass(10);
    turn.giveBack();
    expect(await waiting).toBe(10);
  });
});

describe('callers', () => {
  it('are served in turn, so that the first in the line is not the one who asked most', async () => {
    const world = createWorld();
    const greedy = world.askMany(8, 'greedy');
    const polite = [world.ask('polite 1'), world.ask('polite 2')];
    await world.pass(4000);
    expect(await Promise.all(polite)).toEqual([667, 1000]);
    expect((await greedy).filter((each) => typeof each === 'number').length).toBe(8);
  });

  it('wait behind one request of each other caller, and are refused where that takes too long', async () => {
    const world = createWorld({ maxRenamesPerSecond: 1 });
    await world.ask('first');
    const others = ['a', 'b', 'c'].map((caller) => world.ask(caller));
    expect(await world.ask('late')).toBe('throttled 4000');
    await world.pass(3000);
    expect(await Promise.all(others)).toEqual([1000, 2000, 3000]);
  });

  it('wait behind as many requests of another as they have themselves, not behind all of them', async () => {
    const world = createWorld({ maxRenamesPerSecond: 1 });
    await world.ask('first');
    const greedy = world.askMany(3, 'greedy');
    const polite = world.ask('polite');
    expect(await world.ask('polite')).toBe('throttled 4000');
    await world.pass(4000);
    expect(await polite).toBe(2000);
    expect(await greedy).toEqual([1000, 3000, expect.stringMatching(/^throttled/)]);
  });

  it('get their share beside one at full speed: 95 of 100 at one a second', async () => {
    const world = createWorld();
    const outcomes = { greedy: 0, 'polite 1': 0, 'polite 2': 0 };
    const ask = (caller: keyof typeof outcomes) =>
      void world.ask(caller).then((each) => (outcomes[caller] += typeof each === 'number' ? 1 : 0));
    for (let second = 0; second < 100; second += 1) {
      ask('polite 1');
      ask('polite 2');
      for (let tick = 0; tick < 50; tick += 1) {
        ask('greedy');
        await world.pass(20);
      }
    }
    await world.pass(3000);
    expect(outcomes['polite 1']).toBeGreaterThanOrEqual(95);
    expect(outcomes['polite 2']).toBeGreaterThanOrEqual(95);
    expect(outcomes.greedy, 'and nothing is left unused').toBeGreaterThanOrEqual(95);
  });
});

describe('a pause that the upstream asks for', () => {
  it('stays with its resource', async () => {
    const world = createWorld();
    world.rateLimit.pauseFor('red', 300_000);
    expect(await world.ask('a', 'red')).toBe('throttled 60000');
    expect(await world.askMany(3, 'a', 'blue')).toEqual([0, 0, 0]);
  });

  it('ends after 60 seconds at the latest', async () => {
    const world = createWorld();
    world.rateLimit.pauseFor('red', 300_000);
    await world.pass(60_000);
    expect(await world.ask('a', 'red')).toBe(60_000);
  });

  it('is waited for where it is short', async () => {
    const world = createWorld();
    world.rateLimit.pauseFor('red', 3000);
    const asked = world.ask('a', 'red');
    await world.pass(3000);
    expect(await asked).toBe(3000);
  });

  it('refuses of one caller those whose time is over, and no other', async () => {
    const world = createWorld();
    await world.askMany(3);
    const early = world.ask();
    world.rateLimit.pauseFor('default', 4000);
    await world.pass(1500);
    const late = world.ask();
    await world.pass(3000);
    expect(await early).toMatch(/^throttled/);
    expect(await late).toBe(4000);
  });

  it('refuses those who wait already, once their time is over', async () => {
    const world = createWorld();
    const asked = world.askMany(5);
    world.rateLimit.pauseFor('default', 10_000);
    await world.pass(3000);
    expect(await asked).toEqual([0, 0, 0, 'throttled 7000', expect.stringMatching(/^throttled 7/)]);
  });
});

it('refuses everybody once it is stopped, those who wait too', async () => {
  const world = createWorld({ maxRenamesPerSecond: 0.5 });
  expect(await world.ask()).toBe(0);
  const waiting = world.ask();
  await world.pass(100);
  world.rateLimit.stop();
  expect(await waiting).toBe('shutting_down 1000');
  await world.pass(1_000_000);
  expect(await world.ask()).toBe('shutting_down 1000');
});
