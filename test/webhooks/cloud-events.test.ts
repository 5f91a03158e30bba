import { describe, expect, it } from 'vitest';
import { parseCloudEvents } from '../../src/webhooks/cloud-events.ts';

const parse = (headers: Record<string, string>, body: unknown) =>
  parseCloudEvents(Object.entries(headers), typeof body === 'string' ? body : JSON.stringify(body));

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#32-examples */
const SPECIFIED = {
  specversion: '1.0',
  type: 'com.github.pull_request.opened',
  source: 'https://github.com/cloudevents/spec/pull',
  subject: '123',
  id: 'A234-1234-1234',
  time: '2018-04-05T17:31:00Z',
  comexampleextension1: 'value',
  comexampleothervalue: 5,
  datacontenttype: 'application/json',
  data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
};
/**
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#314-examples
 */
const BINARY = {
  'ce-specversion': '1.0',
  'ce-type': 'com.example.someevent',
  'ce-time': '2018-04-05T03:56:24Z',
  'ce-id': '1234-1234-1234',
  'ce-source': '/mycontext/subcontext',
  'Content-Type': 'application/json; charset=utf-8',
};

describe("the specification's own example", () => {
  it('of the structured mode is read', () => {
    const [read] = parse({ 'Content-Type': 'application/cloudevents+json; charset=UTF-8' }, SPECIFIED);
    expect(read?.deliveryId).toBe('["https://github.com/cloudevents/spec/pull","A234-1234-1234"]');
    expect(read?.event).toMatchObject({ ...SPECIFIED, time: expect.stringMatching(/^2018-04-05T17:31:00/) });
  });

  it('of the binary mode is read', () => {
    expect(parse(BINARY, { name: 'x' })).toMatchObject([
      {
        deliveryId: '["/mycontext/subcontext","1234-1234-1234"]',
        event: { type: 'com.example.someevent', data: { name: 'x' } },
      },
    ]);
  });

  it('of a batch is read, and so is an empty one', () => {
    const headers = { 'Content-Type': 'application/cloudevents-batch+json' };
    const events = parse(headers, [SPECIFIED, { ...SPECIFIED, id: 'B234-1234-1234' }]);
    expect(events.map(({ deliveryId }) => deliveryId.slice(-17))).toEqual([
      '"A234-1234-1234"]',
      '"B234-1234-1234"]',
    ]);
    expect(parse(headers, [])).toEqual([]);
  });
});

describe('a request that is not an event', () => {
  const structured = { 'content-type': 'application/cloudevents+json' };
  it.each([
    { case: 'an event without an id', headers: structured, body: { ...SPECIFIED, id: undefined } },
    { case: 'an event with an empty id', headers: structured, body: { ...SPECIFIED, id: '' } },
    { case: 'an event whose id is a number', headers: structured, body: { ...SPECIFIED, id: 7 } },
    { case: 'an event of another version', headers: structured, body: { ...SPECIFIED, specversion: '0.3' } },
    { case: 'an event without a source', headers: structured, body: { ...SPECIFIED, source: undefined } },
    { case: 'an event without a type', headers: structured, body: { ...SPECIFIED, type: undefined } },
    { case: 'null', headers: structured, body: null },
    { case: 'a binary event without an id', headers: { ...BINARY, 'ce-id': '' }, body: {} },
    { case: 'a binary event of another version', headers: { ...BINARY, 'ce-specversion': '7' }, body: {} },
    {
      case: 'a body of another media type',
      headers: { 'content-type': 'application/json' },
      body: SPECIFIED,
    },
    {
      case: 'an event of a batch without an id',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: [SPECIFIED, { ...SPECIFIED, id: undefined }],
    },
  ])('is refused: $case', ({ headers, body }) => {
    expect(() => parse(headers, body)).toThrow(/^The body is not CloudEvents 1\.0: /);
  });
});
