import { writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import { iterationSchema } from '../src/custom-vision/iteration.schema.ts';
import { projectSchema } from '../src/custom-vision/project.schema.ts';
import { renameBodySchema } from '../src/custom-vision/rename-body.schema.ts';
import { settingsSchema } from '../src/settings/settings.schema.ts';

/**
 * Every schema that the product validates with: the exported name, where its type is, and what the type is
 * called.
 */
const SCHEMAS = [
  {
    name: 'iteration',
    schema: iterationSchema,
    type: 'Iteration',
    from: '../src/custom-vision/iteration.schema.ts',
  },
  {
    name: 'project',
    schema: projectSchema,
    type: 'Project',
    from: '../src/custom-vision/project.schema.ts',
  },
  {
    name: 'renameBody',
    schema: renameBodySchema,
    type: 'RenameBody',
    from: '../src/custom-vision/rename-body.schema.ts',
  },
  {
    name: 'settings',
    schema: settingsSchema,
    type: 'ParsedSettings',
    from: '../src/settings/settings.schema.ts',
  },
] as const;

/**
 * Compiles the schemas to plain functions, so that neither ajv nor a schema is loaded when the app starts.
 */
export async function buildValidators(outDir: string): Promise<void> {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    schemas: SCHEMAS.map(({ schema }) => schema),
    code: { source: true, esm: true, lines: true },
  });
  addFormats.default(ajv);
  const names = Object.fromEntries(SCHEMAS.map(({ name, schema }) => [name, schema.$id]));
  const source = standaloneCode.default(ajv, names);
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'js' },
    outfile: `${outDir}/validators.js`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
  });
  await writeFile(`${outDir}/validators.d.ts`, declarations());
}

function declarations(): string {
  const imports = SCHEMAS.map(({ type, from }) => `import type { ${type} } from '${from}';`);
  const validators = SCHEMAS.map(({ name, type }) => `export declare const ${name}: Validator<${type}>;`);
  return [
    ...imports,
    `export interface SchemaFault { instancePath: string; keyword: string; params: Record<string, unknown>; message?: string; propertyName?: string }`,
    `export interface Validator<T> { (data: unknown): data is T; errors?: SchemaFault[] | null }`,
    ...validators,
    '',
  ].join('\n');
}
