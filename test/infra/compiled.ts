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

const PUBLIC = {
  isPrivate: false,
  isClosed: false,
  makesNetwork: false,
  makesZones: false,
  hasZones: false,
  hasWriters: false,
  isLocked: true,
} as const;
const CLOSED = { ...PUBLIC, isPrivate: true, isClosed: true, makesNetwork: true } as const;
const PRIVATE_STORES = { ...PUBLIC, isPrivate: true } as const;
export const SCENARIOS = [
  { scenario: 'main', ...PUBLIC },
  { scenario: 'production', ...CLOSED, makesZones: true, hasZones: true },
  { scenario: 'private-stores', ...PRIVATE_STORES, makesNetwork: true, makesZones: true, hasZones: true },
  { scenario: 'every-option', ...PUBLIC, isLocked: false },
  { scenario: 'zones-elsewhere', ...CLOSED },
  { scenario: 'landing-zone', ...PRIVATE_STORES, hasZones: true, hasWriters: true },
] as const;
export type Scenario = (typeof SCENARIOS)[number];

const root = path.dirname(path.dirname(import.meta.dirname));
const compiled = path.join(root, '.infra-compiled');

const fault = faultOfCompiled();
const isSkipped = fault !== null && process.env['REQUIRE_BICEP'] !== '1';
if (isSkipped) console.warn(`Tests of the compiled deployment are skipped: ${fault}. .ci/bicep compiles it.`);
else if (fault !== null) throw new Error(`There must be a compiled deployment: ${fault}.`);

/**
 * Judges what the compiler made. Without it the tests are skipped, unless the environment says that there
 * must be a compiler.
 */
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

/** The path of the compiler that .ci/bicep used. */
export function readCompiler(): string {
  return readFileSync(path.join(compiled, 'compiler'), 'utf8').trim();
}

/** What the template says of parameters that it refuses. */
export function readRefusal(scenario: string): string {
  return readFileSync(path.join(compiled, `${scenario}.refused.txt`), 'utf8');
}

function parseResource(value: unknown): Resource {
  if (!isObject(value)) throw new Error('a resource is no object');
  const { id, type, name, properties = {} } = value;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof name !== 'string' || !isObject(properties))
    throw new Error(`not a resource: ${JSON.stringify(value)}`);
  return { ...value, id, type, name, properties };
}

function readJson(file: string): Json {
  const parsed: unknown = JSON.parse(readFileSync(path.join(compiled, file), 'utf8'));
  if (!isObject(parsed)) throw new Error(`${file} holds no object`);
  return parsed;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
