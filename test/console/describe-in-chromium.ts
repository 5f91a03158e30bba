import { describe } from 'vitest';
import { findChromium } from './chromium.ts';

const isSkipped = findChromium() === null;
if (isSkipped && process.env['REQUIRE_CHROMIUM'] === '1') throw new Error('There must be a Chromium.');
if (isSkipped)
  console.warn('Tests of the console are skipped: no Chromium is installed. .ci/chromium installs it.');

/** Without a browser the tests are skipped, unless the environment says that there must be one. */
export const describeInChromium = isSkipped ? describe.skip : describe;
