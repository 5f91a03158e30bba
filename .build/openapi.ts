import { writeFile } from 'node:fs/promises';
import { Converter } from '@apiture/openapi-down-convert';
import { createOpenApiDocument } from '../src/openapi/document.ts';
import { toSwagger } from './swagger.ts';

/**
 * Writes the API's description in the versions of OpenAPI that its importers know, made of the one in 3.1.
 */
export async function buildOpenApi(outDir: string): Promise<void> {
  const { security: _security, ...document } = createOpenApiDocument();
  const newest: Record<string, unknown> = JSON.parse(JSON.stringify(document));
  const older: object = new Converter(newest, { verbose: false }).convert();
  const versions = { '3.0': older, '2.0': toSwagger({ ...older }) };
  const source = `export const olderDocuments = ${JSON.stringify(versions)};\n`;
  await writeFile(`${outDir}/openapi.js`, source);
  await writeFile(
    `${outDir}/openapi.d.ts`,
    `export declare const olderDocuments: Readonly<Record<'3.0' | '2.0', Readonly<Record<string, unknown>>>>;\n`,
  );
}
