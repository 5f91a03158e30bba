import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

export type Json = { readonly [name: string]: unknown };

/** A resource as the template makes it; what is known in the cloud only is an expression in brackets. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly properties: Json;
  readonly [name: string]: unknown;
}

export const SCENARIOS = [
  { scenario: 'main', isClosed: false, hasZones: false, isLocked: true },
  { scenario: 'production', isClosed: true, hasZones: true, isLocked: true },
  { scenario: 'every-option', isClosed: false, hasZones: false, isLocked: false },
  { scenario: 'zones-elsewhere', isClosed: true, hasZones: false, isLocked: true },
] as const;
export type Scenario = (typeof SCENARIOS)[number];

const root = path.dirname(path.dirname(import.meta.dirname));
const compiled = path.join(root, '.infra-compiled');

const fault = faultOfCompiled();
const isSkipped = fault !== null && process.env['REQUIRE_BICEP'] !== '1';
if (isSkipped) console.warn(`Tests of the compiled deployment are skipped: ${fault}. .ci/bicep compiles it.`);
else if (fault !== null) throw new Error(`There must be a compiled deployment: ${fault}.`);

/** Judges what the compiler made. Without it the tests are skipped, unless the environment says that there must be a compiler. */
export const describeCompiled = isSkipped ? describe.skip : describe;

function faultOfCompiled(): string | null {
  const template = path.join(compiled, 'main.json');
  if (!existsSync(template)) return 'the deployment was not compiled';
  const compiledMs = statSync(template).mtimeMs;
  const sources = ['infra', 'test/infra'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.bicep(param)?$|(bicepconfig|workbook)\.json$/.test(file))
      .map((file) => path.join(root, folder, file)),
  );
  return sources.some((source) => statSync(source).mtimeMs > compiledMs)
    ? 'the deployment has changed since it was compiled'
    : null;
}

/** The template itself, with its modules as nested deployments. */
export function readTemplate(): Json {
  return readJson('main.json');
}

export function readParameters(scenario: string): Json {
  return readJson(`${scenario}.parameters.json`);
}

/** Every resource that the template makes of a scenario's parameters. */
export function readResources(scenario: string): readonly Resource[] {
  const { predictedResources, diagnostics } = readJson(`${scenario}.snapshot.json`);
  if (!Array.isArray(diagnostics) || diagnostics.length > 0)
    throw new Error(`${scenario}: ${JSON.stringify(diagnostics)}`);
  if (!Array.isArray(predictedResources)) throw new Error(`${scenario}: no resources`);
  return predictedResources.map(parseResource);
}

function parseResource(value: unknown): Resource {
  if (!isObject(value)) throw new Error('a resource is no object');
  const { id, type, name, properties = {} } = value;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof name !== 'string' || !isObject(properties))
    throw new Error(`not a resource: ${JSON.stringify(value)}`);
  return { ...value, id, type, name, properties };
}

/** The function app's settings by name, as the scenario sets them. */
export function appSettings(resources: readonly Resource[]): Record<string, string> {
  const app = resources.find(({ type }) => type === 'Microsoft.Web/sites');
  const settings: Record<string, string> = {};
  for (const setting of valuesAt(app, ['properties', 'siteConfig', 'appSettings'])) {
    if (!isObject(setting)) continue;
    settings[String(setting['name'])] = String(setting['value']);
  }
  return settings;
}

function valuesAt(value: unknown, names: readonly string[]): readonly unknown[] {
  let current = value;
  for (const name of names) current = isObject(current) ? current[name] : undefined;
  return Array.isArray(current) ? current : [];
}

function readJson(file: string): Json {
  const parsed: unknown = JSON.parse(readFileSync(path.join(compiled, file), 'utf8'));
  if (!isObject(parsed)) throw new Error(`${file} holds no object`);
  return parsed;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
