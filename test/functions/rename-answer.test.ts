import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

const RENAME_ID = /^\d{13}-[a-z2-7]{10}$/;

let proxy: RenameProxy;

beforeAll(async () => {
  proxy = await startRenameProxy();
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

const ORDER = [
  'id',
  'name',
  'status',
  'created',
  'lastModified',
  'trainedAt',
  'projectId',
  'exportable',
  'exportableTo',
  'domainId',
  'classificationType',
  'trainingType',
  'reservedBudgetInHours',
  'trainingTimeInMinutes',
  'publishName',
  'originalPublishResourceId',
];

/** Answers the next PATCH with properties in another order, and with properties of a later version. */
function answerAsLaterVersion(iteration: SeededIteration): void {
  const { customVision } = proxy.stack;
  const seeded = customVision.iteration(iteration.projectId, iteration.iterationId);
  const backwards = Object.entries({ ...seeded, name: 'renamed' }).toReversed();
  const body = JSON.stringify({
    newer: { of: ['a', 'later', 'version'] },
    ...Object.fromEntries(backwards),
    quality: 0.5,
  });
  customVision.faults.inject({ kind: 'body', when: 'PATCH', body, times: 1 });
}

describe('the answer', () => {
  it('has the order of the schema in JSON, then properties of newer versions', async () => {
    const iteration = proxy.seed();
    answerAsLaterVersion(iteration);
    const { json } = await proxy.rename(iteration, {});
    expect(Object.keys(json)).toEqual([...ORDER, 'newer', 'quality']);
    expect(json).toMatchObject({ newer: { of: ['a', 'later', 'version'] }, quality: 0.5, publishName: null });
  });

  it('has the same order in XML', async () => {
    const iteration = proxy.seed();
    answerAsLaterVersion(iteration);
    const { headers, text } = await proxy.rename(iteration, { headers: { accept: 'application/xml' } });
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(headers.get('rename-id')).toMatch(RENAME_ID);
    const names = [...text.matchAll(/<(\w+)>/g)].map(([, name]) => name);
    const present = ORDER.filter((name) => !['publishName', 'originalPublishResourceId'].includes(name));
    expect([...new Set(names)]).toEqual(['Iteration', ...present, 'newer', 'of', 'quality']);
    expect(text).toContain('<name>renamed</name>');
    expect(text.match(/<exportableTo>/g)).toHaveLength(5);
  });

  it.each([
    { accept: '*/*', type: 'application/json' },
    { accept: 'text/xml', type: 'text/xml' },
    { accept: 'application/xml;q=0.9, application/json;q=0.8', type: 'application/xml' },
    { accept: 'application/xml;q=0.8, application/json', type: 'application/json' },
    { accept: 'image/png', type: 'application/json' },
  ])('is $type for Accept: $accept', async ({ accept, type }) => {
    const { headers } = await proxy.rename(proxy.seed(), { headers: { accept } });
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(headers.get('vary')).toBe('accept');
  });
});
