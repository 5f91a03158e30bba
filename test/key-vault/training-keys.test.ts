import { describe, expect, it } from 'vitest';
import type { GetSecret, KeyVaultEvent } from '../../src/key-vault/cached-secrets.ts';
import { SecretOutOfDate } from '../../src/key-vault/vault-failure.ts';
import { createTrainingKeys } from '../../src/key-vault/training-keys.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const TTL_MS = 300 * SECOND_MS;
const OLD = 'old-key-0123456789abcdef';
const NEW = 'new-key-0123456789abcdef';

/** A vault and a clock that the test controls. */
function createWorld() {
  let nowMs = 0;
  const vault: { answer: GetSecret; asked: string[]; sleep: (ms: number) => Promise<void> } = {
    answer: async () => OLD,
    asked: [],
    sleep: () => new Promise(() => {}), // the vault is quicker, unless the test says otherwise
  };
  const events: KeyVaultEvent[] = [];
  const keys = createTrainingKeys({
    getSecret(secretName) {
      vault.asked.push(secretName);
      return vault.answer(secretName);
    },
    ttlMs: TTL_MS,
    now: () => nowMs,
    sleep: (ms) => vault.sleep(ms),
    report: (event) => void events.push(event),
  });
  return {
    vault,
    events,
    keys,
    key: async (secretName = 'k') => (await keys.get(secretName)).value,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function restError(statusCode: number, code: string, innerCode?: string): Error {
  const details = { error: { code, innerError: innerCode === undefined ? undefined : { code: innerCode } } };
  return Object.assign(new Error('no'), { name: 'RestError', code, statusCode, details });
}

const down: GetSecret = () => Promise.reject(new Error(`the vault is down and says ${OLD}`));

describe('a training key', () => {
  it('is fetched once per time to live', async () => {
    const world = createWorld();
    expect(await world.key()).toBe(OLD);
    world.vault.answer = async () => NEW;
    world.pass(TTL_MS * 0.8 - 1);
    expect(await world.key()).toBe(OLD);
    expect(world.vault.asked).toHaveLength(1);
    world.pass(TTL_MS * 0.2 + 1);
    expect(await world.key()).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is refreshed behind the requests of the last fifth of its time to live', async () => {
    const world = createWorld();
    await world.key();
    const { promise, resolve } = Promise.withResolvers<string>();
    world.vault.answer = () => promise;
    world.pass(TTL_MS * 0.8);
    expect(await world.key()).toBe(OLD);
    expect(world.vault.asked).toHaveLength(2);
    world.pass(TTL_MS * 0.2);
    expect(await world.key(), 'the vault hangs').toBe(OLD);
    resolve(NEW);
    await promise;
    expect(await world.key()).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is fetched once for concurrent calls', async () => {
    const world = createWorld();
    expect(await Promise.all(Array.from({ length: 20 }, () => world.key()))).toEqual(
      Array.from({ length: 20 }, () => OLD),
    );
    expect(world.vault.asked).toHaveLength(1);
  });

  it('fails once for concurrent calls', async () => {
    const world = createWorld();
    world.vault.answer = down;
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => world.key()));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(world.vault.asked).toHaveLength(1);
    world.vault.answer = async () => NEW;
    expect(await world.key()).toBe(NEW);
  });

  it('differs between secrets', async () => {
    const world = createWorld();
    world.vault.answer = async (secretName) => `${secretName}-0123456789abcdef`;
    expect(await Promise.all([world.key('a'), world.key('b')])).toEqual([
      'a-0123456789abcdef',
      'b-0123456789abcdef',
    ]);
  });
});

describe('while the vault is down', () => {
  it('an uncached key fails, and each request asks the vault again', async () => {
    const world = createWorld();
    world.vault.answer = down;
    await expect(world.key()).rejects.toThrow(/^no training key in the secret k$/);
    await expect(world.key()).rejects.toThrow(/^no training key/);
    expect(world.events).toEqual([
      { event: 'key_vault_failed', secretName: 'k', reason: 'Error', stale: false },
      { event: 'key_vault_failed', secretName: 'k', reason: 'Error', stale: false },
    ]);
  });

  it('a cached key serves for 24 hours and no longer', async () => {
    const world = createWorld();
    await world.key();
    world.vault.answer = down;
    world.pass(24 * HOUR_MS - 1);
    expect(await world.key()).toBe(OLD);
    expect(world.events).toMatchObject([{ stale: true }]);
    world.pass(1);
    await expect(world.key()).rejects.toThrow(/no training key/);
    expect(world.events).toMatchObject([{ stale: true }, { stale: false }]);
  });

  it('the vault is asked at most every ten seconds while there is a cached key', async () => {
    const world = createWorld();
    await world.key();
    world.vault.answer = down;
    world.pass(TTL_MS);
    await world.key();
    world.pass(10 * SECOND_MS - 1);
    await world.key();
    expect(world.vault.asked).toHaveLength(2);
    world.pass(1);
    await world.key();
    expect(world.vault.asked).toHaveLength(3);
    world.vault.answer = async () => NEW;
    world.pass(10 * SECOND_MS);
    expect(await world.key()).toBe(NEW);
  });

  it('a cached key serves at once although the vault hangs, and the vault gets 250 ms once', async () => {
    const world = createWorld();
    await world.key();
    world.vault.answer = () => new Promise(() => {});
    const slept: number[] = [];
    world.vault.sleep = async (ms) => {
      slept.push(ms);
      world.pass(ms);
    };
    world.pass(TTL_MS);
    expect([await world.key(), await world.key(), await world.key()]).toEqual([OLD, OLD, OLD]);
    expect(slept).toEqual([250]);
  });
});

describe('a vault that says no', () => {
  const NO = {
    'a disabled secret': restError(403, 'Forbidden', 'SecretDisabled'),
    'a deleted secret': restError(404, 'SecretNotFound'),
    'no role': restError(403, 'Forbidden', 'ForbiddenByRbac'),
    'a firewall': restError(403, 'Forbidden', 'ForbiddenByFirewall'),
    'an expired secret': new SecretOutOfDate('SecretExpired'),
  };
  const answers: { case: string; answer: GetSecret; reason: RegExp }[] = [
    ...Object.entries(NO).map(([name, error]) => ({
      case: name,
      answer: () => Promise.reject(error),
      reason: /SecretDisabled|SecretNotFound|ForbiddenByRbac|ForbiddenByFirewall|SecretExpired/,
    })),
    ...[undefined, '', 'too short', `${NEW}\nx-more: 1`, NEW.repeat(40)].map((value) => ({
      case: `a secret without a key: ${JSON.stringify(value)?.slice(0, 30)}`,
      answer: async () => value,
      reason: /holds no training key/,
    })),
  ];

  it.each(answers)("ends a key's use at its time to live: $case", async ({ answer, reason }) => {
    const world = createWorld();
    await world.key();
    world.vault.answer = answer;
    world.pass(TTL_MS - 1);
    expect(await world.key()).toBe(OLD);
    await Promise.resolve();
    world.pass(1);
    await expect(world.key()).rejects.toMatchObject({ name: 'SecretUnavailable', isRefusal: true });
    expect(world.events[0]?.reason).toMatch(reason);
    expect(JSON.stringify(world.events)).not.toContain(NEW.slice(0, 7));
  });

  it('and then cannot be reached does not bring the key back', async () => {
    const world = createWorld();
    await world.key();
    world.vault.answer = () => Promise.reject(NO['a disabled secret']);
    world.pass(TTL_MS);
    await expect(world.key()).rejects.toThrow(/no training key/);
    world.vault.answer = down;
    world.pass(10 * SECOND_MS);
    await expect(world.key()).rejects.toThrow(/no training key/);
    world.vault.answer = async () => NEW;
    world.pass(10 * SECOND_MS);
    expect(await world.key()).toBe(NEW);
  });

  it('is asked again by each request, so that a secret serves as soon as it is there', async () => {
    const world = createWorld();
    world.vault.answer = () => Promise.reject(NO['a deleted secret']);
    await expect(world.key()).rejects.toThrow(/no training/);
    world.vault.answer = async () => NEW;
    expect(await world.key()).toBe(NEW);
  });
});

describe('what is reported of a failure', () => {
  it.each([
    {
      case: 'the name, code and status of an error',
      error: Object.assign(new Error(OLD), { name: 'RestError', code: 'Forbidden', statusCode: 403 }),
      reason: 'RestError Forbidden 403',
    },
    {
      case: 'the code of a system error',
      error: Object.assign(new Error(OLD), { code: 'ECONNREFUSED' }),
      reason: 'Error ECONNREFUSED',
    },
    {
      case: 'without a code that could be a key',
      error: Object.assign(new Error('no'), { code: '0123456789abcdef0123456789abcdef', statusCode: 400 }),
      reason: 'Error 400',
    },
    {
      case: 'without a code of several words',
      error: Object.assign(new Error('no'), { code: `Forbidden\n${OLD}`, name: OLD }),
      reason: '',
    },
    { case: '`unknown` for a value that is not an error', error: OLD, reason: 'unknown' },
  ])('is $case', async ({ error, reason }) => {
    const world = createWorld();
    world.vault.answer = () => Promise.reject(error);
    await expect(world.key()).rejects.toThrow(/no training key/);
    expect(world.events).toEqual([{ event: 'key_vault_failed', secretName: 'k', reason, stale: false }]);
  });
});

describe('a key that the upstream has refused', () => {
  it('is replaced at once by the newest of the vault', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.vault.answer = async () => NEW;
    expect((await world.keys.replacementFor('k', refused)).value).toBe(NEW);
    expect(await world.key()).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is refetched once for all requests that it failed', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.vault.answer = async () => NEW;
    const replaced = await Promise.all(
      Array.from({ length: 9 }, () => world.keys.replacementFor('k', refused)),
    );
    expect(new Set(replaced.map(({ value }) => value))).toEqual(new Set([NEW]));
    expect((await world.keys.replacementFor('k', refused)).value).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is not replaced by a fetch that began before the rotation', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.pass(TTL_MS);
    const { promise, resolve } = Promise.withResolvers<string>();
    world.vault.answer = () => promise;
    const early = world.keys.get('k');
    world.vault.answer = async () => NEW;
    const replacements = [1, 2, 3].map(() => world.keys.replacementFor('k', refused));
    resolve(OLD);
    expect((await early).value).toBe(OLD);
    expect((await Promise.all(replacements)).map(({ value }) => value)).toEqual([NEW, NEW, NEW]);
    expect(world.vault.asked).toHaveLength(3);
  });

  it('stays where the vault has no newer one', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    expect((await world.keys.replacementFor('k', refused)).value).toBe(OLD);
  });

  it('stays where the vault is down', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.vault.answer = down;
    expect((await world.keys.replacementFor('k', refused)).value).toBe(OLD);
  });
});
