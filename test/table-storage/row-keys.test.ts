import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  copyKey,
  deliveryKey,
  idempotencyKey,
  lockKey,
  rangeOf,
  recordKey,
} from '../../src/table-storage/row-keys.ts';
import { anyText } from '../any-text.ts';

const RENAME_ID = '8299999999999-abcdefghij';
const ITERATION_ID = '22222222-2222-4222-8222-222222222222';

const keyOf = (callerId: string, key: string) => idempotencyKey({ callerId, key, payload: 'p' });

describe('a row key', () => {
  it('is of its kind', () => {
    expect(recordKey(RENAME_ID)).toBe(`rename|${RENAME_ID}`);
    expect(copyKey(ITERATION_ID, RENAME_ID)).toBe(`iteration|${ITERATION_ID}|${RENAME_ID}`);
    expect(lockKey(ITERATION_ID)).toBe(`lock|${ITERATION_ID}`);
  });

  test.prop([anyText(), fc.option(anyText()), anyText()])(
    'of an idempotency key has no character that the service forbids',
    (callerId, key, payload) => {
      expect(idempotencyKey({ callerId, key, payload })).toMatch(/^idempotency\|[A-Za-z0-9_-]{43}$/);
    },
  );

  test.prop([fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })])(
    'of one caller and key is never that of another, wherever the one ends and the other begins',
    (a, b, c) => {
      fc.pre(b !== '');
      expect(keyOf(a + b, c)).not.toBe(keyOf(a, b + c));
    },
  );

  test.prop([fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })])(
    'of a given key does not depend on the payload; that of an implied one does, and is never a given one',
    (key, payload) => {
      const other = `${payload}.`;
      const given = idempotencyKey({ callerId: 'c', key, payload });
      const implied = idempotencyKey({ callerId: 'c', key: null, payload });
      expect(idempotencyKey({ callerId: 'c', key, payload: other })).toBe(given);
      expect(idempotencyKey({ callerId: 'c', key: null, payload: other })).not.toBe(implied);
      expect(idempotencyKey({ callerId: 'c', key: payload, payload })).not.toBe(implied);
    },
  );

  test.prop([fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })])(
    'of a delivery is of its source and id',
    (a, b, c) => {
      fc.pre(b !== '');
      expect(deliveryKey(a + b, c)).not.toBe(deliveryKey(a, b + c));
      expect(deliveryKey(a, b)).toMatch(/^delivery\|[A-Za-z0-9_-]{43}$/);
    },
  );
});

const nearTheBounds = fc.string({ unit: fc.constantFrom('{', '|', '}', 'a') });

test.prop([
  fc.stringMatching(/^[a-z]{1,8}\|$/),
  fc.oneof(nearTheBounds, fc.string({ unit: 'grapheme-ascii' })),
])('a range has every key that begins with its prefix, and no other', (prefix, rest) => {
  const { from, until } = rangeOf(prefix);
  const isInside = (key: string) => key >= from && key < until;
  expect(isInside(`${prefix}${rest}`)).toBe(true);
  const near = `${prefix.slice(0, -1)}${rest}`;
  expect(isInside(near)).toBe(near.startsWith(prefix));
});
