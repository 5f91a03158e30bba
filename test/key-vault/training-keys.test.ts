import { describe, expect, it } from 'vitest';
import type { GetSecret, KeyVaultEvent } from '../../src/key-vault/cached-secrets.ts';
import { createTrainingKeys } from '../../src/key-vault/training-keys.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const TTL_MS = 300 * SECOND_MS;
const OLD = 'old-key-0123456789abcdef';
const NEW = 'new-key-0123456789abcdef';

/** A vault in the test's hands, and a clock that only the test moves. */
function createWorld() {
  let nowMs = 0;
  const vault: { answer: GetSecret; asked: string[] } = { answer: async () => OLD, asked: [] };
  const events: KeyVaultEvent[] = [];
  const keys = createTrainingKeys({
    getSecret(secretName) {
      vault.asked.push(secretName);
      return vault.answer(secretName);
    },
    ttlMs: TTL_MS,
    now: () => nowMs,
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

const down: GetSecret = () => Promise.reject(new Error(`the vault is down and says ${OLD}`));

describe('a training key', () => {
  it('is fetched once in its time to live', async () => {
    const world = createWorld();
    expect(await world.key()).toBe(OLD);
    world.vault.answer = async () => NEW;
    world.pass(TTL_MS - 1);
    expect(await world.key()).toBe(OLD);
    expect(world.vault.asked).toHaveLength(1);
    world.pass(1);
    expect(await world.key()).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is fetched once for all who ask at the same time', async () => {
    const world = createWorld();
    expect(await Promise.all(Array.from({ length: 20 }, () => world.key()))).toEqual(
      Array.from({ length: 20 }, () => OLD),
    );
    expect(world.vault.asked).toHaveLength(1);
  });

  it('fails for all who ask at the same time, once', async () => {
    const world = createWorld();
    world.vault.answer = down;
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => world.key()));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(world.vault.asked).toHaveLength(1);
    world.vault.answer = async () => NEW;
    expect(await world.key()).toBe(NEW);
  });

  it('of one secret is not that of another', async () => {
    const world = createWorld();
    world.vault.answer = async (secretName) => `${secretName}-0123456789abcdef`;
    expect(await Promise.all([world.key('a'), world.key('b')])).toEqual([
      'a-0123456789abcdef',
      'b-0123456789abcdef',
    ]);
  });
});

describe('while the vault is down', () => {
  it('there is no key where there was none, and each request asks again', async () => {
    const world = createWorld();
    world.vault.answer = down;
    await expect(world.key()).rejects.toThrow(/^no training key in the secret k$/);
    await expect(world.key()).rejects.toThrow(/^no training key/);
    expect(world.events).toEqual([
      { event: 'key_vault_failed', secretName: 'k', reason: 'Error', stale: false },
      { event: 'key_vault_failed', secretName: 'k', reason: 'Error', stale: false },
    ]);
  });

  it('the last key goes on for 24 hours and no longer', async () => {
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

  it('the vault is asked every ten seconds only, as long as there is a key to go on with', async () => {
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

  it.each([undefined, '', 'too short', `${NEW}\nx-more: 1`, NEW.repeat(40)])(
    'which a secret that holds no key amounts to: %j',
    async (secret) => {
      const world = createWorld();
      await world.key();
      world.pass(TTL_MS);
      world.vault.answer = async () => secret;
      expect(await world.key()).toBe(OLD);
      expect(world.events).toMatchObject([{ event: 'key_vault_failed', stale: true }]);
      expect(JSON.stringify(world.events)).not.toContain(NEW.slice(0, 7));
    },
  );
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
      case: 'no code that a vault could have written a key into',
      error: Object.assign(new Error('no'), { code: '0123456789abcdef0123456789abcdef', statusCode: 400 }),
      reason: 'Error 400',
    },
    {
      case: 'no code with more than a word',
      error: Object.assign(new Error('no'), { code: `Forbidden\n${OLD}`, name: OLD }),
      reason: '',
    },
    { case: 'nothing of what is no error', error: OLD, reason: 'unknown' },
  ])('is $case', async ({ error, reason }) => {
    const world = createWorld();
    world.vault.answer = () => Promise.reject(error);
    await expect(world.key()).rejects.toThrow(/no training key/);
    expect(world.events).toEqual([{ event: 'key_vault_failed', secretName: 'k', reason, stale: false }]);
  });
});

describe('a key that the upstream has refused', () => {
  it('is replaced by what the vault holds now, at once', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.vault.answer = async () => NEW;
    expect((await world.keys.replacementFor('k', refused)).value).toBe(NEW);
    expect(await world.key()).toBe(NEW);
    expect(world.vault.asked).toHaveLength(2);
  });

  it('is fetched once for all who were refused with it', async () => {
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

  it('is not replaced by what a fetch brings that began before the rotation', async () => {
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

  it('stays itself where the vault has none newer', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    expect((await world.keys.replacementFor('k', refused)).value).toBe(OLD);
  });

  it('stays itself where the vault is down', async () => {
    const world = createWorld();
    const refused = await world.keys.get('k');
    world.vault.answer = down;
    expect((await world.keys.replacementFor('k', refused)).value).toBe(OLD);
  });
});
