import { describe, expect, it } from 'vitest';
import { folderOf, iterationPath } from '../../src/console/api-paths.ts';
import { parseConsoleSettings } from '../../src/console/console-settings.ts';
import { createCallerKeyCredential, keyFault } from '../../src/console/credential.ts';
import { filterList } from '../../src/console/filter-list.ts';
import { adviseOnName } from '../../src/console/name-advice.ts';

it.each([
  { page: 'https://host/console', folder: 'https://host/' },
  { page: 'https://host/a/b/console', folder: 'https://host/a/b/' },
  { page: 'https://host/a/console/', folder: 'https://host/a/' },
  { page: 'https://host/a/console?code=k#state=s', folder: 'https://host/a/' },
])('keeps the prefix of $page', ({ page, folder }) => {
  expect(folderOf(page)).toBe(folder);
});

it('names a resource in the path only where there is one', () => {
  const ids = { projectId: 'p', iterationId: 'i' };
  expect(iterationPath({ ...ids, resource: null })).toBe(
    'customvision/v3.4-preview/training/projects/p/iterations/i',
  );
  expect(iterationPath({ ...ids, resource: 'line-3' })).toMatch(/^line-3\/customvision\//);
});

describe('the settings in the page', () => {
  it.each(['', 'null', '{}', '{"signIn":["password"]}', '{"signIn":["entra"]}'])('refuse %j', (text) => {
    expect(() => parseConsoleSettings(text)).toThrow(Error);
  });

  it('say how to sign in', () => {
    expect(parseConsoleSettings('{"signIn":["caller-key"]}')).toEqual({ signIn: ['caller-key'] });
  });
});

describe('a key', () => {
  it('shows the name of its caller, and nothing of its secret', () => {
    expect(createCallerKeyCredential('line-3.c2VjcmV0').who).toBe('key:line-3');
    expect(createCallerKeyCredential('c2VjcmV0').who).toBe('caller key');
  });

  it.each(['', 'a b', 'clé', 'a\nb'])('that cannot be sent is refused at once: %j', (key) => {
    expect(keyFault(key)).not.toBeNull();
  });

  it('is not written by JSON', () => {
    expect(JSON.stringify(createCallerKeyCredential('line-3.c2VjcmV0'))).not.toContain('c2VjcmV0');
  });
});

const advise = (name: string) => adviseOnName({ name, currentName: 'now', otherNames: ['other', 'é'] });

describe('advice on a name', () => {
  it('has nothing to say on an empty field, or on a good name', () => {
    expect([advise('').faults, advise('v4.1 线路').faults, advise('v4.1').hints]).toEqual([[], [], []]);
  });

  it.each([' a', 'a ', 'a\u202Eb', 'a'.repeat(257), '\uD800'])(
    'refuses what the proxy refuses: %j',
    (name) => {
      expect(advise(name).faults).not.toEqual([]);
    },
  );

  it('hints at a name that the iteration has, or another one', () => {
    expect(advise('now').hints[0]).toMatch(/has this name already/);
    expect(advise('e\u0301').hints[0]).toMatch(/Another iteration/);
  });

  it('counts characters as the rule does', () => {
    expect(advise('👍e\u0301').length).toBe('2 of 256 characters');
  });
});

it('finds 10 of 10,000 iterations in no time, in any case and form', () => {
  const choices = Array.from({ length: 10_000 }, (_, index) => ({
    id: `id-${index}`,
    name: `Itération ${index}`,
    note: '',
  }));
  const startedMs = performance.now();
  const found = filterList(choices, 'ITE\u0301RATION 999');
  expect(performance.now() - startedMs).toBeLessThan(500);
  expect(found.map(({ name }) => name).slice(0, 2)).toEqual(['Itération 999', 'Itération 9990']);
  expect(found).toHaveLength(11);
  expect(filterList(choices, 'id-4242').map(({ id }) => id)).toEqual(['id-4242']);
});
