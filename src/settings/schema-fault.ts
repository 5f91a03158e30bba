import type { SchemaFault } from '#validators';

/** What a schema found wrong with a setting: `fault` is the end of a sentence that begins with the setting's name. */
export interface SettingFault {
  readonly name: string;
  readonly fault: string;
  readonly isMissing: boolean;
}

/** Null for a fault that another one of the same setting describes better. */
export function describeSchemaFault(error: SchemaFault): SettingFault | null {
  if (error.keyword === 'propertyNames') return null; // the fault of the name itself says more
  const [, name = String(error.params['missingProperty']), ...rest] = error.instancePath.split('/');
  if (error.instancePath === '') return { name, fault: ' is required', isMissing: true };
  const path = rest.map((part) => `/${part}`).join('');
  const message = error.message ?? 'is not valid';
  return { name, fault: `${path} ${message}${allowedValues(error)}${offender(error)}`, isMissing: false };
}

function allowedValues({ params }: SchemaFault): string {
  const values = params['allowedValues'];
  return Array.isArray(values) ? `: ${values.join(', ')}` : '';
}

/** The property that the message is about, where the path does not name it. */
function offender({ params, propertyName }: SchemaFault): string {
  const extra = params['additionalProperty'];
  if (typeof extra === 'string') return ` (${extra})`;
  return propertyName === undefined ? '' : ` (${propertyName})`;
}
