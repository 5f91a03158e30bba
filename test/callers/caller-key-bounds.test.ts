import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCallerKeyAuthentication } from '../../src/callers/caller-key-authentication.ts';
import { type CallerSecret, parseCallerSecret } from '../../src/callers/caller-key.ts';
import { createPassingTime } from '../rename/passing-time.ts';

const keyOf = (name: string) => `${name}.${randomBytes(32).toString('base64url')}`;
const OLD = keyOf('line-3');
const NEW = keyOf('line-3');

const secretOf = (text: string): CallerSecret => {
  const secret = parseCallerSecret(text, 'caller-line-3');
  if (secret === null) throw new Error('no secret');
  return secret;
};

/** A vault that has the new key by `tookMs`, beside a cache that has the old one. */
function createWorld({ tookMs = 40 } = {}) {
  const time = createPassingTime();
  const slept: number[] = [];
  const sleep = (ms: number) => {
    slept.push(ms);
    return time.sleep(ms);
  };
  const outdated: boolean[] = [];
  const authenticate = createCallerKeyAuthentication({
    names: new Set(['line-3']),
    secrets: {
      get: async () => secretOf(OLD),
      async replacementFor(_name, isOutdated) {
        outdated.push(isOutdated(secretOf(OLD), 0));
        await time.sleep(tookMs);
        return secretOf(NEW);
      },
    },
    now: time.monotonic,
    sleep,
  });
  const show = (key: string) =>
    authenticate({ header: () => key }).then(
      () => `accepted at ${time.monotonic()}`,
      (error: unknown) => `${error instanceof Error ? error.message : 'no error'} at ${time.monotonic()}`,
    );
  return { ...time, slept, show, outdated };
}

describe('a new key', () => {
  it('is accepted as soon as the vault answers', async () => {
    const world = createWorld();
    const shown = world.show(NEW);
    await world.pass(40);
    expect(await shown).toBe('accepted at 40');
  });

  it('is refused after half a second where the vault is slow', async () => {
    const world = createWorld({ tookMs: 60_000 });
    const shown = world.show(NEW);
    await world.pass(60_000);
    expect(await shown).toBe('unauthenticated: wrong_caller_key at 500');
  });

  it('is asked for only where the cache is as it was when the key was compared', async () => {
    const world = createWorld();
    const shown = world.show(NEW);
    await world.pass(40);
    await shown;
    expect(world.outdated).toEqual([false]); // the cache has another value by now
  });
});

describe('a key of an unknown name', () => {
  it('takes as long as a vault usually does, until one was asked', async () => {
    const world = createWorld();
    const shown = world.show(keyOf('stranger'));
    await world.pass(1000);
    expect(await shown).toBe('unauthenticated: unknown_caller at 30');
  });

  it('takes that long again once 10,000 other names came after it', async () => {
    const slept: number[] = [];
    const authenticate = createCallerKeyAuthentication({
      names: new Set(),
      secrets: { get: () => Promise.reject(), replacementFor: () => Promise.reject() },
      now: () => 0,
      sleep: async (ms) => void slept.push(ms),
    });
    const shows = async (name: string) => {
      await authenticate({ header: () => `${name}.${'s'.repeat(32)}` }).catch(() => {});
      return slept.splice(0).length;
    };
    expect([await shows('first'), await shows('second'), await shows('first')]).toEqual([1, 1, 0]);
    for (let count = 0; count < 9999; count += 1) await shows(`other-${count}`);
    expect([await shows('second'), await shows('first')]).toEqual([0, 1]);
  });

  it('is remembered from the last time that it was shown', async () => {
    const slept: number[] = [];
    let nowMs = 0;
    const authenticate = createCallerKeyAuthentication({
      names: new Set(),
      secrets: { get: () => Promise.reject(), replacementFor: () => Promise.reject() },
      now: () => nowMs,
      sleep: async (ms) => void slept.push(ms),
    });
    const shows = async (name: string) => {
      await authenticate({ header: () => `${name}.${'s'.repeat(32)}` }).catch(() => {});
      return slept.splice(0).length;
    };
    expect([await shows('first'), await shows('second')]).toEqual([1, 1]);
    nowMs = 29_999;
    expect(await shows('first')).toBe(0);
    nowMs = 30_000;
    expect(await shows('first')).toBe(1);
    for (let count = 0; count < 9999; count += 1) await shows(`other-${count}`);
    expect(await shows('first'), 'the older one had to make room').toBe(0);
  });
});
