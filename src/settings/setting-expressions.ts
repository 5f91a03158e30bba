import { isObject } from '../json/is-object.ts';
import { parseJsonSetting } from './json-setting.ts';
import type { AddFault } from './settings-error.ts';
import type { Settings } from './settings.ts';
import type { SettingName } from './settings.schema.ts';

/** Why a text is not a JSONata expression; null where it is one. */
export type ExpressionFault = (text: string) => string | null;

/**
 * Whether any setting holds an expression. JSONata is loaded only then, because loading it slows each start.
 */
export function hasExpressions(environment: Readonly<Record<string, string | undefined>>): boolean {
  const entriesOf = (name: string): unknown[] => {
    const read = parseJsonSetting(environment[name] ?? '');
    return 'value' in read && isObject(read.value) ? Object.values(read.value) : [];
  };
  return entriesOf('WEBHOOK_SOURCES').length > 0 || entriesOf('CUSTOM_VISION_RESOURCES').some(isNamed);
}

/** Whether any grant has a pattern of names. The engine is loaded only then, for the same reason. */
export function hasNamePatterns(environment: Readonly<Record<string, string | undefined>>): boolean {
  const read = parseJsonSetting(environment['ACCESS_POLICY'] ?? '');
  return (
    'value' in read &&
    Array.isArray(read.value) &&
    read.value.some((grant) => isObject(grant) && 'names' in grant)
  );
}

function isNamed(resource: unknown): boolean {
  return isObject(resource) && 'iterationName' in resource;
}

/** Adds a fault for each invalid expression. */
export function checkExpressions(
  { resources, webhookSources }: Settings,
  expressionFault: ExpressionFault,
  fault: AddFault,
): void {
  const expressions: [setting: SettingName, path: string, expression: string][] = [];
  for (const [name, { iterationName }] of resources) {
    if (iterationName !== null)
      expressions.push(['CUSTOM_VISION_RESOURCES', `/${name}/iterationName`, iterationName]);
  }
  for (const [name, { rename }] of webhookSources) {
    expressions.push(['WEBHOOK_SOURCES', `/${name}/rename`, rename]);
  }
  for (const [setting, path, expression] of expressions) {
    const message = expressionFault(expression);
    if (message !== null) fault(setting, `${path} ${message}`);
  }
}
