import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseIteration, parseRefusal, parseRetryAfterMs } from '../../src/custom-vision/iteration-answer.ts';

const ID = '11111111-1111-4111-8111-11111111111a';

describe('an Iteration', () => {
  it.each([
    { case: 'has an id and a name', body: { id: ID, name: 'a' } },
    { case: 'may have its id in upper case', body: { id: ID.toUpperCase(), name: 'a' } },
    {
      case: 'may have null for what it does not have',
      body: { id: ID, name: 'a', trainedAt: null, exportableTo: null },
    },
    {
      case: 'keeps what newer versions add',
      body: { id: ID, name: 'a', newer: { of: [1] }, status: 'AStatusOfTheFuture' },
    },
  ])('$case', ({ body }) => {
    expect(parseIteration(JSON.stringify(body), ID)).toEqual(body);
  });

  it.each([
    null,
    '',
    'null',
    '[]',
    '"a"',
    '{}',
    `{"id":"${ID}"}`,
    `{"name":"a"}`,
    `{"id":"${ID}","name":null}`,
    `{"id":"${ID}","name":1}`,
    `{"id":"not-a-uuid","name":"a"}`,
    `{"id":"22222222-2222-4222-8222-222222222222","name":"a"}`,
    `{"id":"${ID}","name":"a","exportableTo":"ONNX"}`,
    `{"id":"${ID}","name":"a"`,
    `[{"id":"${ID}","name":"a"}]`,
    `{"__proto__":{"id":"${ID}","name":"a"}}`,
  ])('is not in %s', (text) => {
    expect(parseIteration(text, ID)).toBeNull();
  });

  test.prop([fc.string()])('is found or not, and never crashes', (text) => {
    expect(parseIteration(text, ID)).toBeNull();
  });
});

describe('a refusal', () => {
  it.each([
    {
      case: "is told in the service's own words",
      text: '{"code":"BadRequestIterationName","message":"Not this."}',
      is: { code: 'BadRequestIterationName', message: 'Not this.' },
    },
    {
      case: "is told in the gateway's words",
      text: '{"error":{"code":"ResourceNotFound","message":"Not here."}}',
      is: { code: 'ResourceNotFound', message: 'Not here.' },
    },
    {
      case: 'has the code of its status where its own is a number',
      text: '{"error":{"code":"429","message":"Slow."}}',
      is: { code: 'BadRequest', message: 'Slow.' },
    },
    {
      case: 'has the documented code where a gateway answers 429',
      status: 429,
      text: '{"error":{"code":"TooManyRequests","message":"Slow."}}',
      is: { code: 'ErrorUnknown', message: 'Slow.' },
    },
    {
      case: "has the service's own code where it answers 429 itself",
      status: 429,
      text: '{"code":"BadRequest","message":"Slow."}',
      is: { code: 'BadRequest', message: 'Slow.' },
    },
    {
      case: 'has the code of its status where its own is none',
      text: '{"code":"a b","message":"x"}',
      is: { code: 'BadRequest', message: 'x' },
    },
    {
      case: 'is told in ours where there are no words',
      text: '<html>',
      is: { code: 'BadRequest', message: /status 400 and no explanation/ },
    },
    {
      case: 'is told in ours where there is no text',
      text: null,
      is: { code: 'BadRequest', message: /no explanation/ },
    },
    {
      case: 'is told in ours where the words are no text',
      text: '{"code":1,"message":{"a":1}}',
      is: { code: 'BadRequest', message: /no explanation/ },
    },
  ])('$case', ({ text, is, status = 400 }) => {
    const { message, ...rest } = parseRefusal(status, text);
    expect(rest).toEqual({ status, code: is.code });
    expect(message).toMatch(is.message);
  });

  it.each([
    { status: 401, code: 'Forbidden' },
    { status: 403, code: 'Forbidden' },
    { status: 404, code: 'NotFound' },
    { status: 409, code: 'Conflict' },
    { status: 415, code: 'UnsupportedMediaType' },
    { status: 422, code: 'BadRequest' },
    { status: 429, code: 'ErrorUnknown' },
  ])('of $status without a code is $code', ({ status, code }) => {
    expect(parseRefusal(status, null)).toMatchObject({ status, code });
  });

  it('has a message of at most 1024 whole characters', () => {
    const { message } = parseRefusal(400, JSON.stringify({ message: `${'x'.repeat(1023)}🚀` }));
    expect(message).toHaveLength(1024);
    expect(message.isWellFormed()).toBe(true);
  });
});

describe('Retry-After', () => {
  const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    { value: '7', ms: 7000 },
    { value: 'Thu, 01 Jan 2026 00:00:09 GMT', ms: 9000 },
    { value: null, ms: 1000 },
    { value: '', ms: 1000 },
    { value: '0', ms: 1000 },
    { value: '-5', ms: 1000 },
    { value: 'soon', ms: 1000 },
    { value: 'Thu, 01 Jan 2015 00:00:00 GMT', ms: 1000 },
    { value: '86400', ms: 300_000 },
    { value: '1e99', ms: 300_000 },
    { value: 'Infinity', ms: 1000 },
  ])('of $value is $ms ms', ({ value, ms }) => {
    expect(parseRetryAfterMs(value, NOW_MS)).toBe(ms);
  });
});
