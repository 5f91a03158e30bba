import { readFile } from 'node:fs/promises';
import { registerLeadToConsole } from './functions/lead-to-console-function.ts';
import { registerShowConsole } from './functions/show-console-function.ts';
import { type ConsoleSettings, createShowConsole } from './http/console-page.ts';

/** The part of the composition root that serves the console page, which the build wrote beside the bundle. */
export function registerConsole(settings: ConsoleSettings): void {
  registerShowConsole({ showConsole: createShowConsole({ settings, readPage }) });
  registerLeadToConsole();
}

function readPage(page: string): Promise<string> {
  return readFile(new URL(`${page}.json`, import.meta.url), 'utf8');
}
