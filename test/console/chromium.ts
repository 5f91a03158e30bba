import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const found = process.env['CHROMIUM'] ?? findOnPath();
const isSkipped = found === null && process.env['REQUIRE_CHROMIUM'] !== '1';
if (isSkipped) console.warn(`Tests of the console are skipped: none of ${NAMES.join(', ')} is on the PATH.`);
else if (found === null) throw new Error(`There must be a browser: ${NAMES.join(', ')} or CHROMIUM=PATH.`);

/** Needs a browser. Without one the tests are skipped, unless the environment says that there must be one. */
export const describeInChromium = isSkipped ? describe.skip : describe;

/** One process for a file of tests; each test takes a context of its own. */
export async function startChromium(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: found ?? '',
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-component-update',
      '--force-color-profile=srgb',
    ],
  });
}

function findOnPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
