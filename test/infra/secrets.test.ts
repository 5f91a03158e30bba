import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseCallerSecret } from '../../src/callers/caller-key.ts';
import {
  describeCompiled,
  isObject,
  type Json,
  readParameters,
  readResources,
  readTemplate,
  SCENARIOS,
} from './compiled.ts';
import { entriesOf, leaksOf, nestedTemplate, reads, SECRET, templatesOf } from './leaks.ts';

/** Access keys as Azure makes them: 32 hexadecimal digits, or 44 and more of base64. */
const LOOKS_SECRET = /\b[0-9a-f]{32}\b|[A-Za-z0-9+/]{43,}={0,2}/;
const RESOURCE_ID = /\/subscriptions\/[^"]+/g;

/** The template with a nested one changed. */
function changed(change: (nested: Json) => Json, name: string): Json {
  const visit = (template: Json): Json => ({
    ...template,
    resources: Object.fromEntries(
      entriesOf(template['resources']).map(([key, resource]) => {
        const nested = nestedTemplate(resource);
        if (nested === null) return [key, resource];
        const inner = key === name ? change(nested) : visit(nested);
        const properties = isObject(resource['properties']) ? resource['properties'] : {};
        return [key, { ...resource, properties: { ...properties, template: inner } }];
      }),
    ),
  });
  const mutated = visit(readTemplate());
  expect(mutated).not.toEqual(readTemplate());
  return mutated;
}

const nesting = (properties: Json) => (one: Json) => {
  const inner = { expressionEvaluationOptions: { scope: 'inner' }, template: {}, ...properties };
  return { ...one, resources: { inner: { type: 'Microsoft.Resources/deployments', properties: inner } } };
};

describeCompiled('the secrets of the deployment', () => {
  it('are in no output, variable, plain parameter or deployment history', () => {
    expect(leaksOf(readTemplate())).toEqual([]);
  });

  const listed = "[listKeys('account', '2026-07-01').key1]";
  it.each<{ case: string; change: (nested: Json) => Json }>([
    {
      case: 'an output',
      change: (one) => ({ ...one, outputs: { value: { type: 'string', value: listed } } }),
    },
    {
      case: 'an output by its name',
      change: (one) => ({
        ...one,
        outputs: { trainingKeyValue: { type: 'string', value: '[reference(0)]' } },
      }),
    },
    { case: 'a variable', change: (one) => ({ ...one, variables: { value: listed } }) },
    {
      case: 'a plain parameter',
      change: (one) => ({ ...one, parameters: { trainingKeyValue: { type: 'string' } } }),
    },
    {
      case: 'a default',
      change: (one) => ({ ...one, parameters: { value: { type: 'securestring', defaultValue: 'abc' } } }),
    },
    {
      case: 'another resource',
      change: (one) => ({
        ...one,
        resources: { site: { type: 'Microsoft.Web/sites', properties: { value: listed } } },
      }),
    },
    {
      case: 'a tag',
      change: (one) => ({
        ...one,
        resources: { secret: { type: SECRET, tags: { key: listed }, properties: { value: listed } } },
      }),
    },
    { case: 'a kept request', change: nesting({ debugSetting: { detailLevel: 'requestContent' } }) },
    {
      case: 'a parameter of a nested deployment',
      change: nesting({ parameters: { key: { value: listed } } }),
    },
    {
      case: 'the deployment around it',
      change: nesting({ expressionEvaluationOptions: { scope: 'outer' } }),
    },
  ])('are noticed in $case', ({ change }) => {
    expect(leaksOf(changed(change, 'fromAccount'))).not.toEqual([]);
  });

  it.each(SCENARIOS)(
    'come from the account, or are made up, and come from no parameter: $scenario',
    ({ scenario }) => {
      const resources = readResources(scenario);
      const values = resources
        .filter(({ type }) => type === SECRET)
        .map(({ properties }) => String(properties['value']));
      expect(values).not.toEqual([]);
      for (const value of values)
        expect(value).toMatch(
          /^\[(if\(.*)?listKeys\(.*\)\.key[12].*\]$|^\[format\('\{0\}\{1\}\{2\}', '(not set by an operator yet |[a-z0-9-]+\.)', newGuid\(\), newGuid\(\)\)\]$/,
        );
      expect(reads(resources.filter(({ type }) => type !== SECRET))).toBe(false);
      expect(JSON.stringify(readParameters(scenario)).replaceAll(RESOURCE_ID, '')).not.toMatch(LOOKS_SECRET);
    },
  );

  it('are not written again where a caller or an operator has them', () => {
    const made = [...templatesOf(readTemplate())].find(({ at }) => at.endsWith('/made'));
    const secrets = entriesOf(made?.template['resources']).filter(
      ([, { type, existing }]) => type === SECRET && existing !== true,
    );
    expect(secrets.map(([, secret]) => secret['@options'])).toEqual([{ onlyIfNotExists: [] }]);
  });

  it('are a key that the app accepts, for each caller, and for no other secret', () => {
    const accepted = readResources('every-option')
      .filter(({ type }) => type === SECRET)
      .map(({ name, properties }) => [name.split('/').at(-1) ?? '', madeUp(properties['value'])] as const)
      .filter(([name, value]) => parseCallerSecret(value, name)?.digests.length === 1)
      .map(([name]) => name);
    expect(accepted.toSorted()).toEqual(['caller-line-3', 'caller-release-pipeline']);
  });
});

/** What the cloud makes of the value of a secret that is made up; of any other it is the expression. */
function madeUp(value: unknown): string {
  const [, beginning] =
    /^\[format\('\{0\}\{1\}\{2\}', '(.*)', newGuid\(\), newGuid\(\)\)\]$/.exec(String(value)) ?? [];
  return beginning === undefined ? String(value) : `${beginning}${randomUUID()}${randomUUID()}`;
}
