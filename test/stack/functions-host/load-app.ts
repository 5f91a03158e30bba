import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RegisteredFunction, Registry } from './registry.ts';

/**
 * Loads the app's entry point and gives what it registered. Where that fails the real host is up all the
 * same, without any function; of the error's lines it logs the first as an error, and each further one as an
 * information of its own.
 */
export async function loadApp({
  appRoot,
  registry,
}: {
  appRoot: string;
  registry: Registry;
}): Promise<RegisteredFunction[]> {
  const log = (level: string, message: string): void => registry.log({ level, category: 'system', message });
  const main = entryPoint(appRoot);
  try {
    await import(pathToFileURL(join(appRoot, main)).href);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const [first = '', ...further] = text.split('\n');
    log('error', `Worker was unable to load entry point "${main}": ${first}`);
    await registry.logFlushed(); // which writes errors after all else
    for (const line of further) log('information', line);
    await registry.logFlushed();
    return [];
  }
  const functions = registry.functions();
  if (functions.length === 0) {
    log('warning', 'No functions found: the entry point registered none.');
    await registry.logFlushed();
    return [];
  }
  await registry.model().getCapabilities({});
  await registry.runHooks('appStart', { hookData: {} });
  return functions;
}

function entryPoint(appRoot: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8'));
  const main = typeof parsed === 'object' && parsed !== null && 'main' in parsed ? parsed.main : undefined;
  return typeof main === 'string' ? main : 'index.js';
}
