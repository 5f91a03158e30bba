import { isObject, type Json } from './compiled.ts';

export const SECRET = 'Microsoft.KeyVault/vaults/secrets';
/** Of ARM, and of the random default of a secret that an operator sets later. */
const READS_A_SECRET = /\blist[A-Z][A-Za-z]*\(|\bnewGuid\(/;
/**
 * The name of a parameter, variable or output that holds a secret; a connection string of Application
 * Insights is none, as it opens nothing.
 */
const SOUNDS_SECRET = /password|secret(?!s?$|Name)|key(?!Management|Vault|sValidForDays|$)|sas|token/i;
/** A template and the ones nested in it, each with where it is. */
export function* templatesOf(
  template: Json,
  at = 'main',
): Iterable<{ readonly at: string; readonly template: Json }> {
  yield { at, template };
  for (const [name, resource] of entriesOf(template['resources'])) {
    const nested = nestedTemplate(resource);
    if (nested !== null) yield* templatesOf(nested, `${at}/${name}`);
  }
}

export function nestedTemplate(resource: Json): Json | null {
  const { type, properties } = resource;
  if (type !== 'Microsoft.Resources/deployments' || !isObject(properties)) return null;
  return isObject(properties['template']) ? properties['template'] : null;
}

export function entriesOf(value: unknown): [name: string, value: Json][] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([name, inner]) =>
    isObject(inner) ? [[name, inner]] : [],
  );
}

/** Whatever would leave a secret in a place that a reader of the deployment history sees. */
export function leaksOf(root: Json): string[] {
  return [...templatesOf(root)].flatMap(({ at, template }) => [
    ...entriesOf(template['outputs']).flatMap(([name, output]) => [
      ...(reads(output) ? [`${at}: the output ${name} reads a secret`] : []),
      ...(SOUNDS_SECRET.test(name) ? [`${at}: the output ${name} is called like one`] : []),
    ]),
    ...entriesOf({ variables: template['variables'] })
      .filter(([, variables]) => reads(variables))
      .map(() => `${at}: a variable reads a secret`),
    ...entriesOf(template['parameters']).flatMap(([name, parameter]) => {
      const isSecure = String(parameter['type']).startsWith('secure');
      if (isSecure)
        return parameter['defaultValue'] === undefined || parameter['defaultValue'] === '[newGuid()]'
          ? []
          : [`${at}: ${name} has a default`];
      return reads(parameter) || SOUNDS_SECRET.test(name)
        ? [`${at}: the parameter ${name} is not secure`]
        : [];
    }),
    ...entriesOf(template['resources']).flatMap(([name, resource]) =>
      leaksOfResource(`${at}/${name}`, resource),
    ),
  ]);
}

function leaksOfResource(at: string, resource: Json): string[] {
  const { type, properties } = resource;
  const own = isObject(properties) ? properties : {};
  if (type === 'Microsoft.Resources/deployments') {
    const { template, debugSetting, expressionEvaluationOptions, ...rest } = own;
    const isInner = isObject(expressionEvaluationOptions) && expressionEvaluationOptions['scope'] === 'inner';
    return [
      ...(reads(rest) ? [`${at}: a parameter is given a secret`] : []),
      ...(debugSetting === undefined ? [] : [`${at}: requests are kept in the history`]),
      ...(isInner && isObject(template)
        ? []
        : [`${at}: is evaluated by the deployment that it is nested in`]),
    ];
  }
  if (type === SECRET) {
    const beside = { ...resource, properties: { ...own, value: null } };
    return reads(beside) ? [`${at}: reads a secret beside its value`] : [];
  }
  return reads(resource) ? [`${at}: reads a secret`] : [];
}

export function reads(value: unknown): boolean {
  return READS_A_SECRET.test(JSON.stringify(value) ?? '');
}
