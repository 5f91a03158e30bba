import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCallerKeyAuthentication } from '../../src/callers/caller-key-authentication.ts';
import { parseCallerSecret } from '../../src/callers/caller-key.ts';
import { createTokenOrKeyAuthentication } from '../../src/callers/token-or-key.ts';
import { createCachedSecrets } from '../../src/key-vault/cached-secrets.ts';

const keyOf = (name: string) => `${name}.${randomBytes(32).toString('base64url')}`;
const KEY = keyOf('line-3');

/** A vault and a clock that the test controls. */
function createWorld() {
  let nowMs = 0;
  const slept: number[] = [];
  const vault = {
    secrets: new Map([['caller-line-3', KEY]]),
    asked: [] as string[],
    tookMs: 40,
    isDown: false,
  };
  const sleep = (ms: number) => {
    slept.push(ms);
    return ms === 250 || ms === 500 ? new Promise<void>(() => {}) : Promise.resolve();
  };
  const now = () => nowMs;
  const secrets = createCachedSecrets({
    async getSecret(secretName) {
      vault.asked.push(secretName);
      nowMs += vault.tookMs;
      if (vault.isDown) throw new Error('down');
      const value = vault.secrets.get(secretName);
      if (value === undefined) throw Object.assign(new Error('no'), { statusCode: 404 });
      return value;
    },
    parse: parseCallerSecret,
    expected: 'caller key: a key',
    ttlMs: 300_000,
    now,
    sleep,
    report() {},
  });
  const authenticate = createCallerKeyAuthentication({
    names: new Set(['line-3', 'new']),
    secrets,
    now,
    sleep,
  });
  return {
    vault,
    slept,
    pass: (ms: number) => {
      nowMs += ms;
    },
    show: (key: string | null) =>
      authenticate({ header: (name) => (name === 'training-key' ? key : null) }).then(
        ({ caller }) => caller.id,
        (error: unknown) => (error instanceof Error ? error.message : error),
      ),
  };
}

describe('a caller key', () => {
  it('identifies its caller, with one vault call for many requests', async () => {
    const world = createWorld();
    expect(await Promise.all([world.show(KEY), world.show(KEY), world.show(KEY)])).toEqual(
      Array.from({ length: 3 }, () => 'key:line-3'),
    );
    expect(world.vault.asked).toEqual(['caller-line-3']);
  });

  it.each([
    { case: 'is missing', key: null, reason: 'no_caller_key' },
    { case: 'cannot be one', key: 'line-3', reason: 'malformed_caller_key' },
  ])('that $case is refused without a vault call', async ({ key, reason }) => {
    const world = createWorld();
    expect(await world.show(key)).toBe(`unauthenticated: ${reason}`);
    expect(world.vault.asked).toEqual([]);
  });

  it('that is wrong asks the vault once in 30 seconds', async () => {
    const world = createWorld();
    await world.show(KEY);
    const wrong = async () =>
      expect(await world.show(keyOf('line-3'))).toBe('unauthenticated: wrong_caller_key');
    for (let count = 0; count < 5; count += 1) await wrong();
    expect(world.vault.asked).toHaveLength(2);
    world.pass(30_000);
    await wrong();
    expect(world.vault.asked).toHaveLength(3);
  });

  it('that is new is accepted at once, and the old one refused once it has left the vault', async () => {
    const world = createWorld();
    await world.show(KEY);
    const fresh = keyOf('line-3');
    world.vault.secrets.set('caller-line-3', `${KEY}\n${fresh}`);
    expect(await world.show(fresh)).toBe('key:line-3');
    expect(await world.show(KEY)).toBe('key:line-3');
    world.vault.secrets.set('caller-line-3', fresh);
    world.pass(300_000);
    expect(await world.show(KEY)).toBe('unauthenticated: wrong_caller_key');
    expect(await world.show(fresh)).toBe('key:line-3');
  });

  it('of an unknown name costs no vault call, and the time that one takes', async () => {
    const world = createWorld();
    await world.show(KEY);
    await world.show(keyOf('line-3'));
    const before = world.vault.asked.length;
    const unknown = keyOf('stranger');
    for (let count = 0; count < 5; count += 1)
      expect(await world.show(unknown)).toBe('unauthenticated: unknown_caller');
    expect(world.vault.asked).toHaveLength(before);
    expect(world.slept.filter((ms) => ms !== 500 && ms !== 250)).toEqual([40]);
  });

  it('whose secret the vault does not have is refused', async () => {
    const world = createWorld();
    const fresh = keyOf('new');
    for (let count = 0; count < 5; count += 1)
      expect(await world.show(fresh)).toBe('unauthenticated: wrong_caller_key');
    expect(world.vault.asked).toEqual(['caller-new']);
    world.vault.secrets.set('caller-new', fresh);
    world.pass(30_000);
    expect(await world.show(fresh)).toBe('key:new');
  });

  it('that a caller got later stays good, also right after somebody showed a wrong one', async () => {
    const world = createWorld();
    const fresh = keyOf('new');
    await world.show(fresh);
    world.vault.secrets.set('caller-new', fresh);
    world.pass(30_000);
    expect(await world.show(fresh)).toBe('key:new');
    world.pass(30_000);
    expect(await world.show(keyOf('new'))).toBe('unauthenticated: wrong_caller_key');
    expect(await world.show(fresh)).toBe('key:new');
  });

  it('cannot be checked while the vault is down, unless it is known', async () => {
    const world = createWorld();
    world.vault.isDown = true;
    expect(await world.show(KEY)).toBe('issuer_unavailable: caller_key_unavailable');
    world.vault.isDown = false;
    expect(await world.show(KEY)).toBe('key:line-3');
    world.vault.isDown = true;
    world.pass(3_600_000);
    expect(await world.show(KEY)).toBe('key:line-3');
  });
});

const answer = (id: string) => async () => ({
  caller: { kind: 'caller-key', id, name: null } as const,
  ids: [id],
  permissions: new Set(['rename'] as const),
});

describe('with tokens and caller keys', () => {
  const authenticate = createTokenOrKeyAuthentication({ byToken: answer('token'), byKey: answer('key') });
  const given = async (headers: Record<string, string>) =>
    (await authenticate({ header: (name) => headers[name] ?? null })).caller.id;

  it.each([
    { headers: { authorization: 'Bearer x' }, judgedBy: 'token' },
    { headers: { 'training-key': 'x' }, judgedBy: 'key' },
    { headers: { authorization: 'Bearer x', 'training-key': 'x' }, judgedBy: 'token' },
    { headers: {}, judgedBy: 'token' },
  ])('$headers is judged by the $judgedBy', async ({ headers, judgedBy }) => {
    expect(await given(headers)).toBe(judgedBy);
  });
});
