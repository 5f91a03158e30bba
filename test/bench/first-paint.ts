import { createServer } from 'node:http';
import { once } from 'node:events';
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../console/chromium.ts';
import { createRandom } from '../random.ts';
import type { BenchStack } from './bench-stack.ts';
import { compared, fact, type Line, type Pair, SEED } from './line.ts';

/**
 * From the request for the console page to its first content, in a browser without any cache, against a page
 * of one word: the rest is the browser's own.
 */
export async function measureFirstPaint(bench: BenchStack, { pages }: { pages: number }): Promise<Line[]> {
  const executablePath = findChromium();
  if (executablePath === null) return skipped('there is no Chromium: set CHROMIUM, or put it on the PATH');
  const front = await bench.start('product');
  const page = await fetch(`${front.url}/console`);
  const document = Buffer.from(await page.arrayBuffer());
  if (page.status !== 200) {
    await front.app.stop();
    return skipped(`GET /console answers ${page.status}`);
  }
  const word = await servePage('<!doctype html><title>word</title><p>word');
  const browser = await chromium.launch({
    executablePath,
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const random = createRandom(SEED);
  const pairs: Pair[][] = [];
  // The first two warm up.
  for (let round = -2; round < pages; round += 1) {
    const painted = { console: Number.NaN, word: Number.NaN };
    for (const name of random.shuffled(['console', 'word'] as const))
      painted[name] = await firstPaintMs(browser, name === 'console' ? `${front.url}/console` : word.url);
    if (round >= 0) pairs.push([{ value: painted.console, reference: painted.word }]);
  }
  await browser.close();
  word.stop();
  await front.app.stop();
  return [
    compared({
      name: 'console, first paint',
      unit: 'ms',
      reference: 'a page of one word',
      better: 'lower',
      pairs,
    }),
    fact('console: the document', Math.round(document.length / 1024), 'KiB'),
  ];
}

function skipped(why: string): Line[] {
  console.error(`The console's first paint is left out: ${why}.`);
  return [];
}

async function firstPaintMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  const paintedMs = await page.waitForFunction(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  );
  const ms = await paintedMs.jsonValue();
  await context.close();
  return ms ?? Number.NaN;
}

async function servePage(html: string): Promise<{ url: string; stop(): void }> {
  const server = createServer((_, response) => response.end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
