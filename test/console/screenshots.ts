import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startRenameProxy } from '../functions/rename-proxy.ts';
import { sampleProject } from '../stack/sample-project.ts';
import { startChromium } from './chromium.ts';

// node test/console/screenshots.ts: takes the pictures of the README, of the built page on the local stack.

const ADDRESS = 'https://my-proxy.azurewebsites.net';
const folder = path.join(path.dirname(path.dirname(import.meta.dirname)), '.github');

const PICTURES: readonly (BrowserContextOptions & { file: string; scrollTo: string | null })[] = [
  { file: 'console-light.png', colorScheme: 'light', viewport: { width: 1280, height: 880 }, scrollTo: null },
  {
    file: 'console-dark.png',
    colorScheme: 'dark',
    viewport: { width: 375, height: 720 },
    deviceScaleFactor: 2,
    scrollTo: '.history',
  },
];

const { id: projectId, name: projectName, iterations } = sampleProject();
const [, , { id: iterationId }] = iterations;
const sample = { projectId, iterationId, path: iterationPathOf('v3.4-preview') };

const [proxy, browser] = await Promise.all([
  startRenameProxy({ callerAuthentication: 'caller-key', callers: ['ana', 'release-pipeline'] }),
  startChromium(),
]);
try {
  const renameAs = (caller: string, name: string) =>
    proxy.rename(sample, { name, headers: { 'training-key': proxy.stack.callerKeys[caller] ?? '' } });
  await renameAs('release-pipeline', 'candidate 2026-11-26');
  await renameAs('release-pipeline', 'Iteration 2'); // which is taken
  await renameAs('ana', 'v4.0 line-3 approved');
  for (const picture of PICTURES) await takePicture(picture);
} finally {
  await browser.close();
  await proxy.stop();
}

async function takePicture({ file, scrollTo, ...options }: (typeof PICTURES)[number]): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  // As it is deployed: under an address of its own.
  await context.route(`${ADDRESS}/**`, async (route) => {
    const url = route.request().url().replace(ADDRESS, proxy.app.url);
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  const page = await context.newPage();
  await page.goto(`${ADDRESS}/console`);
  await page.getByLabel('Caller key').fill(proxy.stack.callerKeys['ana'] ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('radio', { name: projectName }).check();
  await page.locator(`[value="${iterationId}"]`).check();
  await page.getByRole('listitem').first().waitFor();
  await page.getByLabel('New name').fill('v4.1 line-3 approved');
  if (scrollTo !== null) await showFrom(page, scrollTo);
  await page.screenshot({ path: path.join(folder, file) });
  await context.close();
}

async function showFrom(page: Page, selector: string): Promise<void> {
  await page.evaluate(`document.querySelector('${selector}').scrollIntoView()`);
}

function iterationPathOf(apiVersion: string): string {
  return `/customvision/${apiVersion}/training/projects/${projectId}/iterations/${iterationId}`;
}
