import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createReportOnceAMinute } from '../../src/key-vault/report-once-a-minute.ts';
import { createCachedSecrets, type KeyVaultEvent } from '../../src/key-vault/cached-secrets.ts';
import { createVerifyDelivery } from '../../src/webhooks/verify-delivery.ts';
import { parseWebhookSecret, type WebhookSecret } from '../../src/webhooks/webhook-secret.ts';
import { signGithub, signMlflow } from './sign.ts';

const SECOND_MS = 1000;

function createWorld(secretValue: string) {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const vault: { value: string; failure: Error | null; asked: number } = {
    value: secretValue,
    failure: null,
    asked: 0,
  };
  const events: KeyVaultEvent[] = [];
  const now = () => nowMs;
  const secrets = createCachedSecrets<WebhookSecret>({
    getSecret: async () => {
      vault.asked += 1;
      if (vault.failure !== null) throw vault.failure;
      return vault.value;
    },
    parse: parseWebhookSecret,
    expected: 'webhook secret: a line',
    ttlMs: 300 * SECOND_MS,
    now,
    sleep,
    report: createReportOnceAMinute({ report: (event) => void events.push(event), now }),
  });
  const verify = createVerifyDelivery({ secrets, now });
  return {
    vault,
    events,
    pass: (ms: number) => void (nowMs += ms),
    verify: (secret: string, id = 'delivery-1') => {
      const headers = signMlflow({ body: '{}', secret, id, atMs: nowMs });
      const source = { scheme: 'mlflow', secret: 'hook' } as const;
      return verify(source, { header: (name) => headers[name] ?? null, text: '{}' });
    },
    verifyOfGithub: (body: string, id: string) => {
      const headers = signGithub({ body, secret: secretValue, id });
      const source = { scheme: 'github', secret: 'hook' } as const;
      return verify(source, { header: (name) => headers[name] ?? null, text: body });
    },
  };
}

const DOWN = new Error('down');
const MISSING = Object.assign(new Error('no'), { code: 'SecretNotFound', statusCode: 404 });
const REFUSED = Object.assign(new Error('no'), { code: 'Forbidden', statusCode: 403 });

const UNAUTHENTICATED = { code: 'unauthenticated', challenge: expect.stringContaining('Signature') };

describe('a delivery', () => {
  it('is identified by its id when its signature matches', async () => {
    expect(await createWorld('first').verify('first', 'delivery-7')).toBe('delivery-7');
  });

  it('is identified by its body, whatever its id, where the signature covers the body only', async () => {
    const world = createWorld('first');
    const identity = await world.verifyOfGithub('{}', 'delivery-1');
    expect(await world.verifyOfGithub('{}', 'delivery-2')).toBe(identity);
    expect(await world.verifyOfGithub('{}', '')).toBe(identity);
    expect(await world.verifyOfGithub('{ }', 'delivery-1')).not.toBe(identity);
  });

  it.each([
    { case: 'no', id: '' },
    { case: 'too long an', id: 'x'.repeat(1025) },
  ])('with $case id is refused, since duplicates could not be detected', async ({ id }) => {
    await expect(createWorld('first').verify('first', id)).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('is refused when another secret signed it', async () => {
    await expect(createWorld('first').verify('second')).rejects.toMatchObject({
      ...UNAUTHENTICATED,
      reason: 'signature_mismatch',
    });
  });

  it.each(['', '\n', '  \r\n  ', 'whsec_'])('gets a retryable error for the secret %j', async (secret) => {
    await expect(createWorld(secret).verify('x')).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  it('gets a retryable error while no secret can be fetched', async () => {
    const world = createWorld('first');
    world.vault.failure = DOWN;
    await expect(world.verify('first')).rejects.toMatchObject({ code: 'secret_unavailable' });
  });
});

describe('during a rotation of the secret', () => {
  it('each of the two values verifies', async () => {
    const world = createWorld('first\nsecond\n');
    expect(await world.verify('first')).toBe('delivery-1');
    expect(await world.verify('second')).toBe('delivery-1');
    await expect(world.verify('first\nsecond')).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('a third value makes the secret unusable', () => {
    expect(parseWebhookSecret('a\nb\nc')).toBeNull();
  });

  it('the new value verifies at once, although the old one is cached', async () => {
    const world = createWorld('first');
    await world.verify('first');
    world.pass(6 * SECOND_MS);
    world.vault.value = 'second';
    expect(await world.verify('second')).toBe('delivery-1');
    expect(world.vault.asked).toBe(2);
  });

  it('the old value still verifies while the vault is down', async () => {
    const world = createWorld('first');
    await world.verify('first');
    world.vault.failure = DOWN;
    world.pass(3600 * SECOND_MS);
    expect(await world.verify('first')).toBe('delivery-1');
    await expect(world.verify('second')).rejects.toMatchObject(UNAUTHENTICATED);
  });
});

describe('wrong signatures', () => {
  it.each([
    { case: 'answers', failure: null, asked: 2 },
    { case: 'is down', failure: DOWN, asked: 1 },
    { case: 'has no such secret any more', failure: MISSING, asked: 1 },
  ])('cause at most $asked vault requests in ten seconds while it $case', async ({ failure, asked }) => {
    const world = createWorld('first');
    await world.verify('first');
    world.pass(60 * SECOND_MS);
    world.vault.failure = failure;
    for (let times = 0; times < 100; times += 1) {
      await expect(world.verify('guess')).rejects.toMatchObject(UNAUTHENTICATED);
      world.pass(100);
    }
    expect(world.vault.asked).toBe(1 + asked);
  });

  it.each([
    { case: 'has no such secret', failure: MISSING, asked: 4 },
    { case: 'refuses the secret', failure: REFUSED, asked: 4 },
    { case: 'has an empty one', failure: null, asked: 4 },
    { case: 'is down', failure: DOWN, asked: 24 },
  ])('are told once a minute when the vault $case, and it is asked $asked times in two', async (vault) => {
    const world = createWorld('');
    world.vault.failure = vault.failure;
    for (let seconds = 0; seconds < 120; seconds += 0.5) {
      await expect(world.verify('guess')).rejects.toMatchObject({ code: 'secret_unavailable' });
      world.pass(SECOND_MS / 2);
    }
    expect(world.vault.asked).toBe(vault.asked);
    expect(world.events).toHaveLength(2);
  });

  it('do not keep a secret out for longer than half a minute after it was stored', async () => {
    const world = createWorld('first');
    world.vault.failure = MISSING;
    await expect(world.verify('first')).rejects.toMatchObject({ code: 'secret_unavailable' });
    world.vault.failure = null;
    world.pass(30 * SECOND_MS);
    expect(await world.verify('first')).toBe('delivery-1');
  });
});

it('a printed secret shows no value', () => {
  const secret = parseWebhookSecret('first\nsecond');
  expect(`${inspect(secret)} ${JSON.stringify(secret)}`).not.toContain('first');
});
