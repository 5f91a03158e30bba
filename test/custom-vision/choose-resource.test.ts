import { expect, it } from 'vitest';
import { chooseResource } from '../../src/custom-vision/choose-resource.ts';

const endpoint = new URL('https://japaneast.api.cognitive.microsoft.com');
const resourcesOf = (names: readonly string[]) => new Map(names.map((name) => [name, { endpoint }]));

it.each([
  { case: 'the named one', names: ['default', 'line-2'], name: 'line-2', chosen: 'line-2' },
  { case: 'the named one in any case', names: ['default', 'line-2'], name: 'LINE-2', chosen: 'line-2' },
  { case: 'the only one without a name', names: ['line-7'], name: null, chosen: 'line-7' },
  { case: '`default` among several without a name', names: ['a', 'default'], name: null, chosen: 'default' },
])('chooses $case', ({ names, name, chosen }) => {
  expect(chooseResource(name, resourcesOf(names))).toEqual({ resource: chosen, endpoint });
});

it.each([
  { case: 'an unknown name', names: ['line-7'], name: 'nope' },
  { case: 'an empty name', names: ['line-7'], name: '' },
  { case: 'no name among several without a default', names: ['a', 'b'], name: null },
  { case: 'no name among none', names: [], name: null },
])('chooses nothing for $case', ({ names, name }) => {
  expect(chooseResource(name, resourcesOf(names))).toBeNull();
});
