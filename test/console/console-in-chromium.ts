import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type RenameProxy, startRenameProxy } from '../functions/rename-proxy.ts';
import { vi } from 'vitest';
import type { StackOptions } from '../stack/stack.ts';
import { startChromium } from './chromium.ts';

export interface ConsoleInChromium {
  proxy: RenameProxy;
  browser: Browser;
  /** The page at its address, in a browser that knows nothing of other tests. */
  open: (options?: BrowserContextOptions & { url?: string }) => Promise<Page>;
  /** The same, signed in by the key of a caller. */
  openAs: (caller: string, options?: BrowserContextOptions) => Promise<Page>;
  keyOf: (caller: string) => string;
  /** What went wrong in the pages by their own scripts, or was refused by their policy. */
  faults: string[];
  stop: () => Promise<void>;
}

// A browser, a stack and the tests share two cores.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** The page as the app serves it, on a stack of its own, in a browser of its own. */
export async function startConsoleInChromium(options: StackOptions = {}): Promise<ConsoleInChromium> {
  const [proxy, browser] = await Promise.all([
    startRenameProxy({
      callerAuthentication: 'caller-key',
      ...options,
      settings: { UPSTREAM_TIMEOUT_SECONDS: '3', ...options.settings },
    }),
    startChromium(),
  ]);
  const faults: string[] = [];
  const keyOf = (caller: string): string => proxy.stack.callerKeys[caller] ?? '';

  const open: ConsoleInChromium['open'] = async ({ url = `${proxy.app.url}/console`, ...context } = {}) => {
    const page = await (await browser.newContext({ locale: 'en-GB', ...context })).newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Content-Security-Policy/.test(message.text())) faults.push(message.text());
    });
    await page.goto(url);
    return page;
  };

  return {
    proxy,
    browser,
    open,
    async openAs(caller, context) {
      const page = await open(context);
      await signIn(page, keyOf(caller));
      return page;
    },
    keyOf,
    faults,
    async stop() {
      await browser.close();
      await proxy.stop();
    },
  };
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Caller key').fill(key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Find the iteration' }).waitFor();
}

/** As a person does who has the ids: each test has a project of its own. */
export async function openIds(
  page: Page,
  { projectId, iterationId }: { projectId: string; iterationId?: string },
): Promise<void> {
  // Not by a click: where a list cannot be had, the form opens by itself, and a click would close it again.
  const details = page.locator('details', { hasText: 'Type ids instead' });
  await details.evaluate((element) => element.setAttribute('open', ''));
  await page.getByLabel('Project id').fill(projectId);
  await page.getByLabel('Iteration id').fill(iterationId ?? '');
  await page.getByRole('button', { name: 'Open' }).click();
}

export async function renameTo(page: Page, name: string): Promise<void> {
  await page.getByLabel('New name').fill(name);
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
}
