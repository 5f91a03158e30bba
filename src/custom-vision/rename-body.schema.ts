import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import { iterationSchema } from './iteration.schema.ts';

const { name, ...readOnly } = iterationSchema.properties;

/** What a client may send: the name, and read-only properties of any type, which are dropped. */
export const renameBodySchema = {
  $id: 'RenameBody',
  type: 'object',
  required: ['name'],
  properties: { name, ...whateverValue(readOnly) },
  additionalProperties: false,
} as const satisfies JSONSchema;

export type RenameBody = Pick<FromSchema<typeof renameBodySchema>, 'name'>;

/** Allows any JSON value. */
interface Dropped {
  readonly readOnly: true;
  readonly description: string;
}

function whateverValue<K extends string>(properties: Record<K, { readonly description: string }>) {
  const entries = Object.entries<{ readonly description: string }>(properties).map(
    ([key, { description }]): [string, Dropped] => [key, { readOnly: true, description }],
  );
  return Object.fromEntries(entries);
}
