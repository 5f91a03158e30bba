import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { expressionFault } from '../../src/expressions/expression.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import { settingsSchema } from '../../src/settings/settings.schema.ts';

const NAMES = Object.keys(settingsSchema.properties);
const readme = await readFile(new URL('../../src/settings/README.md', import.meta.url), 'utf8');
const EXAMPLES = new Map(
  [...readme.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, name = '', value = '']) => [name, value]),
);

it('src/settings/README.md has a heading and an example for each setting, and for no other', () => {
  const headings = [...readme.matchAll(/^## `(.*)`$/gm)].map(([, name]) => name);
  expect(headings).toEqual(NAMES);
  expect([...EXAMPLES.keys()]).toEqual(NAMES);
});

it.each([
  { case: 'a connection string', without: /^RENAME_STORAGE__/ },
  { case: 'a managed identity', without: /^RENAME_STORAGE$/ },
])('the app accepts the examples of src/settings/README.md, with $case', ({ without }) => {
  const examples = Object.fromEntries([...EXAMPLES].filter(([name]) => !without.test(name)));
  const settings = parseSettings(examples, expressionFault);
  expect(settings.resources.size).toBe(2);
  expect(settings.accessPolicy).toHaveLength(2);
  expect(settings.webhookSources.size).toBe(1);
});
