import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createCachedSecrets } from '../../src/key-vault/cached-secrets.ts';
import { createVerifyDelivery } from '../../src/webhooks/verify-delivery.ts';
import { parseWebhookSecret, type WebhookSecret } from '../../src/webhooks/webhook-secret.ts';
import { signGithub } from './sign.ts';

const SECOND_MS = 1000;
const SOURCE = { scheme: 'github', secret: 'hook' } as const;

function createWorld(secretValue: string) {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const vault = { value: secretValue, isDown: false, asked: 0 };
  const now = () => nowMs;
  const secrets = createCachedSecrets<WebhookSecret>({
    getSecret: async () => {
      vault.asked += 1;
      if (vault.isDown) throw new Error('down');
      return vault.value;
    },
    parse: parseWebhookSecret,
    expected: 'webhook secret: a line',
    ttlMs: 300 * SECOND_MS,
    now,
    sleep: () => new Promise(() => {}), // the vault is quicker
    report: () => {},
  });
  const verify = createVerifyDelivery({ secrets, now });
  return {
    vault,
    pass: (ms: number) => void (nowMs += ms),
    verify: (secret: string, id = 'delivery-1') => {
      const headers = signGithub({ body: '{}', secret, id });
      return verify(SOURCE, { header: (name) => headers[name] ?? null, text: '{}' });
    },
  };
}

const UNAUTHENTICATED = { code: 'unauthenticated', challenge: expect.stringContaining('Signature') };

describe('a delivery', () => {
  it('is identified by its id when its signature matches', async () => {
    expect(await createWorld('first').verify('first', 'delivery-7')).toBe('delivery-7');
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
    await expect(createWorld(secret).verify('x')).rejects.toMatchObject({ code: 'issuer_unavailable' });
  });

  it('gets a retryable error while no secret can be fetched', async () => {
    const world = createWorld('first');
    world.vault.isDown = true;
    await expect(world.verify('first')).rejects.toMatchObject({ code: 'issuer_unavailable' });
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
    world.vault.isDown = true;
    world.pass(3600 * SECOND_MS);
    expect(await world.verify('first')).toBe('delivery-1');
    await expect(world.verify('second')).rejects.toMatchObject(UNAUTHENTICATED);
  });
});

it.each([false, true])(
  'wrong signatures cause at most one vault request in five seconds (vault down: %s)',
  async (isDown) => {
    const world = createWorld('first');
    await world.verify('first');
    world.pass(60 * SECOND_MS);
    world.vault.isDown = isDown;
    for (let times = 0; times < 100; times += 1) {
      await expect(world.verify('guess')).rejects.toMatchObject(UNAUTHENTICATED);
      world.pass(100);
    }
    expect(world.vault.asked).toBe(1 + 2);
  },
);

it('a printed secret shows no value', () => {
  const secret = parseWebhookSecret('first\nsecond');
  expect(`${inspect(secret)} ${JSON.stringify(secret)}`).not.toContain('first');
});
