import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { injectFault } from '../functions/iteration-faults.ts';
import {
  type ConsoleInChromium,
  openIds,
  renameTo,
  signIn,
  startConsoleInChromium,
} from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';

vi.setConfig({ testTimeout: 60_000 });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIOLATIONS = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`;
const OVERFLOW = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth - clientWidth;
})()`;

const WIDE = { width: 1280, height: 900 };
/** WCAG 2.2, 1.4.10: without scrolling in two dimensions. */
const NARROW = { width: 320, height: 640 };

const LONG = 'unbrechbarerName'.repeat(15);

describeInChromium('the console page, for everybody', () => {
  let inChromium: ConsoleInChromium;
  let page: Page;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium();
    page = await inChromium.open();
    await page.evaluate(AXE);
  });
  afterAll(() => inChromium.stop());

  /** In light and dark, wide and narrow. */
  async function faultsIn(state: string): Promise<string[]> {
    const faults: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found = await page.evaluate<string[]>(VIOLATIONS);
      faults.push(...found.map((fault) => `${state}, ${colorScheme}: ${fault}`));
    }
    await page.setViewportSize(NARROW);
    const overflow = await page.evaluate<number>(OVERFLOW);
    if (overflow > 0) faults.push(`${state}: ${overflow} px wider than the window`);
    await page.setViewportSize(WIDE);
    return faults;
  }

  it('has no violation in any state, in light and dark, and fits 320 px', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed(LONG);
    const faults = await faultsIn('sign-in');

    await page.getByLabel('Caller key').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not accepted').waitFor();
    faults.push(...(await faultsIn('wrong key')));

    await signIn(page, inChromium.keyOf('line-3'));
    await page.getByRole('radio').first().waitFor();
    faults.push(...(await faultsIn('lists')));

    await openIds(page, seeded);
    await page.getByLabel('New name').fill(' refused ');
    await page.getByText('The name must not').waitFor();
    faults.push(...(await faultsIn('refused name')));

    await renameTo(page, 'v2 שם');
    await page.getByText('Renamed to').waitFor();
    await page.getByText(/The proxy’s answer/).click();
    await page.getByText('Details').first().click();
    faults.push(...(await faultsIn('renamed')));

    await page.getByRole('button', { name: /^Undo/ }).click();
    await page.getByRole('dialog').waitFor();
    faults.push(...(await faultsIn('undo')));
    await page.keyboard.press('Escape');

    for (let count = 0; count < 3; count += 1)
      await renameTo(page, `v${count}`).then(() => page.getByText(`Renamed to v${count}`).waitFor());
    injectFault(proxy, seeded, 'PATCH', { kind: 'hang' });
    injectFault(proxy, seeded, 'GET', { kind: 'status', status: 500 });
    await renameTo(page, 'unknown');
    await page.getByText('Not known yet whether the iteration was renamed').waitFor();
    await page.getByLabel('Status').waitFor();
    faults.push(...(await faultsIn('pending, with filters')));
    expect(faults).toEqual([]);
  });

  it('has landmarks, one heading of the first level, and says what happens', async () => {
    expect(await page.getByRole('main').count()).toBe(1);
    expect(await page.getByRole('banner').count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(
      await page.locator('[aria-live="polite"]').filter({ hasText: 'Not known yet whether' }).count(),
    ).toBe(1);
  });
});
