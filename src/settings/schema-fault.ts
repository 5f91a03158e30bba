import type { SchemaFault } from '#validators';

/** A setting that breaks the schema. `fault` is the end of a sentence that begins with the setting's name. */
export interface SettingFault {
  readonly name: string;
  readonly fault: string;
  readonly isMissing: boolean;
}

/** Null for a fault that another fault of the setting describes better. */
export function describeSchemaFault(error: SchemaFault): SettingFault | null {
  if (error.keyword === 'propertyNames') return null; // the fault of the name itself is reported too
  const [, name = String(error.params['missingProperty']), ...rest] = error.instancePath.split('/');
  if (error.instancePath === '') return { name, fault: ' is required', isMissing: true };
  const path = rest.map((part) => `/${part}`).join('');
  const message = error.message ?? 'is not valid';
  return { name, fault: `${path} ${message}${allowedValues(error)}${offender(error)}`, isMissing: false };
}

function allowedValues({ params, instancePath }: SchemaFault): string {
  const values = params['allowedValues'];
  if (!Array.isArray(values)) return '';
  const hint = instancePath.endsWith('/region') ? '; for another region, set endpoint instead' : '';
  return `: ${values.join(', ')}${hint}`;
}

/** The property at fault, where the path does not name it. */
function offender({ params, propertyName }: SchemaFault): string {
  const extra = params['additionalProperty'];
  if (typeof extra === 'string') return ` (${extra})`;
  return propertyName === undefined ? '' : ` (${propertyName})`;
}
