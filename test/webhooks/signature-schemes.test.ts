import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { anyText } from '../any-text.ts';
import type { SignatureScheme } from '../../src/webhooks/signature-scheme.ts';
import { SIGNATURE_SCHEMES } from '../../src/webhooks/verify-delivery.ts';
import { signMlflow, signStandardWebhook } from './sign.ts';

interface Vector {
  scheme: keyof typeof SIGNATURE_SCHEMES;
  case: string;
  secret: string;
  text: string;
  headers: Record<string, string>;
  atMs: number;
}

/** From the reference libraries: https://github.com/standard-webhooks/standard-webhooks */
const STANDARD: Vector = {
  scheme: 'standard-webhooks',
  case: 'the published example',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  text: '{"test": 2432232314}',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  atMs: 1_614_265_330_000,
};

/**
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
 */
const GITHUB: Vector = {
  scheme: 'github',
  case: 'the documented example',
  secret: "It's a Secret to Everybody",
  text: 'Hello, World!',
  headers: {
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  },
  atMs: 0,
};

/** MLflow publishes the algorithm but no test vector: https://mlflow.org/docs/latest/ml/webhooks */
const MLFLOW_TEXT =
  '{"entity": "model_version_alias", "action": "created", "timestamp": "2025-07-31T08:27:32.080217+00:00", "data": {"name": "example_model", "alias": "example_alias", "version": "1"}}';
const MLFLOW: Vector = {
  scheme: 'mlflow',
  case: 'a signature made as documented',
  secret: 'a secret, not base64',
  text: MLFLOW_TEXT,
  headers: signMlflow({
    body: MLFLOW_TEXT,
    secret: 'a secret, not base64',
    id: '9f1c0d1e-3d5e-4a64-9c49-0f4a5c1d8b4e',
    atMs: 1_753_950_452_000,
  }),
  atMs: 1_753_950_452_000,
};

const VECTORS = [STANDARD, GITHUB, MLFLOW];
const SIGNATURE_HEADERS = {
  'standard-webhooks': 'webhook-signature',
  github: 'x-hub-signature-256',
  mlflow: 'x-mlflow-signature',
};

function verify({ scheme, secret, text, headers, atMs }: Vector) {
  const signed: SignatureScheme = SIGNATURE_SCHEMES[scheme];
  return signed.verify({ header: (name) => headers[name] ?? null, text }, secret, atMs);
}

const withSignature = (vector: Vector, change: (signature: string) => string): Vector => {
  const name = SIGNATURE_HEADERS[vector.scheme];
  return { ...vector, headers: { ...vector.headers, [name]: change(vector.headers[name] ?? '') } };
};

describe.each(VECTORS)('$scheme', (vector) => {
  it(`accepts ${vector.case}`, async () => {
    expect(await verify(vector)).toBe('matches');
  });

  it('refuses a body with any one byte changed', async () => {
    for (let index = 0; index < vector.text.length; index += 1) {
      const changed = String.fromCharCode(vector.text.charCodeAt(index) ^ 1);
      const text = `${vector.text.slice(0, index)}${changed}${vector.text.slice(index + 1)}`;
      expect(await verify({ ...vector, text })).toBe('signature_mismatch');
    }
  });

  it('refuses a byte order mark, and a line end, that was not signed', async () => {
    expect(await verify({ ...vector, text: `\uFEFF${vector.text}` })).toBe('signature_mismatch');
    expect(await verify({ ...vector, text: `${vector.text}\n` })).toBe('signature_mismatch');
  });

  it('refuses a signature by another secret', async () => {
    const secret = Buffer.from('another secret').toString('base64');
    expect(await verify({ ...vector, secret })).toBe('signature_mismatch');
  });

  it.each([
    { case: 'truncated by one character', change: (signature: string) => signature.slice(0, -1) },
    { case: 'cut in half', change: (signature: string) => signature.slice(0, signature.length / 2) },
    { case: 'its prefix only', change: (signature: string) => signature.split(/[,=]/)[0] ?? '' },
    {
      case: 'without its prefix',
      change: (signature: string) => signature.slice(signature.search(/[,=]/) + 1),
    },
    { case: 'of another version', change: (signature: string) => signature.replace(/^\w+/, 'v0') },
    { case: 'in capitals', change: (signature: string) => signature.toUpperCase() },
    { case: 'empty', change: () => '' },
    { case: 'a comma', change: () => ',' },
    { case: 'NUL', change: () => '\0' },
    { case: 'other letters of the same length', change: (signature: string) => 'é'.repeat(signature.length) },
    { case: 'a megabyte', change: () => 'v1,'.repeat(350_000) },
    { case: 'a thousand wrong ones', change: () => 'v1,AAAA '.repeat(1000) },
  ])('refuses a signature that is $case', async ({ change }) => {
    expect(await verify(withSignature(vector, change))).toMatch(/^signature_/);
  });

  it.each(Object.keys(vector.headers).filter((name) => name !== 'x-github-delivery'))(
    'refuses a delivery without %s',
    async (name) => {
      const { [name]: _left, ...headers } = vector.headers;
      expect(await verify({ ...vector, headers })).toMatch(/^signature_/);
    },
  );

  test.prop({
    signature: anyText(),
    text: fc.string(),
    timestamp: fc.string(),
    id: fc.string(),
  })('refuses arbitrary headers, and never throws', async ({ signature, text, timestamp, id }) => {
    const headers = Object.fromEntries(
      Object.keys(vector.headers).map((name) => {
        if (name.endsWith('timestamp')) return [name, timestamp];
        return [name, name.endsWith('id') ? id : signature];
      }),
    );
    expect(await verify({ ...vector, headers, text })).not.toBe('matches');
  });
});

describe.each([STANDARD, MLFLOW])('the timestamp of $scheme', (vector) => {
  const TOLERANCE_MS = 5 * 60 * 1000;
  const timestampHeader = Object.keys(vector.headers).find((name) => name.endsWith('timestamp')) ?? '';

  it.each([-TOLERANCE_MS, 0, TOLERANCE_MS])('may be %d ms away', async (awayMs) => {
    expect(await verify({ ...vector, atMs: vector.atMs + awayMs })).toBe('matches');
  });

  it.each([-TOLERANCE_MS - 1, TOLERANCE_MS + 1])('may not be %d ms away', async (awayMs) => {
    expect(await verify({ ...vector, atMs: vector.atMs + awayMs })).toBe('timestamp_stale');
  });

  it.each(['later', '', '1e9', '-1', '0x10', '1614265330xyz', '99999999999999999999'])(
    'may not be "%s"',
    async (timestamp) => {
      const headers = { ...vector.headers, [timestampHeader]: timestamp };
      expect(await verify({ ...vector, headers })).toBe('signature_malformed');
    },
  );

  it('is signed together with an id, which must not be empty', async () => {
    const sign = vector.scheme === 'mlflow' ? signMlflow : signStandardWebhook;
    const headers = sign({ body: vector.text, secret: vector.secret, id: '', atMs: vector.atMs });
    expect(await verify({ ...vector, headers })).toBe('signature_malformed');
  });

  it('is signed', async () => {
    const timestamp = String(vector.atMs / 1000 + 1);
    const headers = { ...vector.headers, [timestampHeader]: timestamp };
    expect(await verify({ ...vector, headers })).toBe('signature_mismatch');
  });
});

const among = (wrong: number) => withSignature(STANDARD, (right) => `${'v1,A '.repeat(wrong)}${right}`);

describe('several signatures, while a sender of standard webhooks rotates its secret', () => {
  it('need only one that matches', async () => {
    const both = withSignature(STANDARD, (signature) => `v1,${'A'.repeat(43)}= v1a,xyz ${signature}`);
    expect(await verify(both)).toBe('matches');
  });

  it('are compared up to sixteen: no request can cause unbounded work', async () => {
    expect(await verify(among(15))).toBe('matches');
    expect(await verify(among(16))).toBe('signature_mismatch');
  });
});

it('a secret that is not base64 verifies no standard webhook', async () => {
  expect(await verify({ ...STANDARD, secret: 'whsec_not base64!' })).toBe('signature_mismatch');
});
