import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { nameNow } from '../functions/iteration-faults.ts';
import {
  type ConsoleInChromium,
  openIds,
  renameTo,
  signIn,
  startConsoleInChromium,
} from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';
import { storedIn } from './stored-in.ts';

/** Runs `attempt` in the page; resolves with the directives that refused something of it. */
function violationsOf(page: Page, attempt: string): Promise<string[]> {
  return page.evaluate<string[]>(`(async () => {
    const refused = new Set();
    const listen = ({ effectiveDirective }) => refused.add(effectiveDirective);
    document.addEventListener('securitypolicyviolation', listen);
    await (async () => { ${attempt} })().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    document.removeEventListener('securitypolicyviolation', listen);
    return [...refused];
  })()`);
}

describeInChromium('the console page keeps what it knows to itself', () => {
  let inChromium: ConsoleInChromium;
  let page: Page;
  /** Its policy needs no one to be signed in. */
  let attacked: Page;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium();
    attacked = await inChromium.open();
    page = await inChromium.openAs('line-3');
  });
  afterEach(() => inChromium.proxy.clearFaults());
  afterAll(() => inChromium.stop());

  it.each([
    {
      case: 'inline script',
      attempt: `const script = document.createElement('script');
        script.textContent = 'window.ran = true'; document.body.append(script);`,
      directive: 'script-src-elem',
    },
    {
      case: 'handler in markup',
      attempt: `document.body.insertAdjacentHTML('beforeend', '<button id="injected" onclick="window.ran = true">');
        document.getElementById('injected').click();`,
      directive: 'script-src-attr',
    },
    { case: 'text as code', attempt: `setTimeout('window.ran = true')`, directive: 'script-src' },
    {
      case: 'script of its own origin',
      attempt: `const script = document.createElement('script');
        script.src = 'openapi.json'; document.body.append(script);`,
      directive: 'script-src-elem',
    },
  ])('runs no $case', async ({ attempt, directive }) => {
    expect(await violationsOf(attacked, attempt)).toEqual([directive]);
    expect(await attacked.evaluate('window.ran')).toBeUndefined();
  });

  it.each([
    {
      case: 'a request',
      attempt: (url: string) => `await fetch('${url}', { method: 'POST' });`,
      directive: 'connect-src',
    },
    {
      case: 'a beacon',
      attempt: (url: string) => `navigator.sendBeacon('${url}', 'key');`,
      directive: 'connect-src',
    },
    {
      case: 'a picture',
      attempt: (url: string) => `document.body.append(Object.assign(new Image(), { src: '${url}' }));`,
      directive: 'img-src',
    },
    {
      case: 'a frame',
      attempt: (url: string) =>
        `document.body.append(Object.assign(document.createElement('iframe'), { src: '${url}' }));`,
      directive: 'frame-src',
    },
    {
      case: 'a form',
      attempt: (
        url: string,
      ) => `const form = Object.assign(document.createElement('form'), { action: '${url}' });
        document.body.append(form); form.submit();`,
      directive: 'form-action',
    },
  ])('sends $case to no other host', async ({ attempt, directive }) => {
    const { endpoint, journal } = inChromium.proxy.stack.customVision;
    const path = `/outside-${directive}`;
    expect(await violationsOf(attacked, attempt(`${endpoint}${path}`))).toEqual([directive]);
    expect(journal.filter((entry) => entry.path.includes('outside'))).toEqual([]);
  });

  it('is shown in no frame of another page', async () => {
    const outer = await (await inChromium.browser.newContext()).newPage();
    await outer.setContent(`<iframe src="${inChromium.proxy.app.url}/console"></iframe>`);
    await expect.poll(() => outer.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
  });

  it('leaves its key nowhere: not in storage, address, history, nor in the document', async () => {
    const key = inChromium.keyOf('line-3');
    const secret = key.split('.')[1] ?? '';
    const seeded = inChromium.proxy.seed();
    await openIds(page, seeded);
    await renameTo(page, 'seen by all');
    await page.getByText('Renamed to seen by all').waitFor();
    await page.getByText('JavaScript', { exact: true }).click();
    await page.getByText(/The proxy’s answer/).click();
    expect(secret.length).toBeGreaterThan(30);
    expect(await storedIn(page)).not.toContain(secret);
    expect(await storedIn(page)).toContain('"local":{},"session":{},"databases":[],"cached":[],"cookie":""');
    expect(await page.content()).not.toContain(secret);
    const values = `[...document.querySelectorAll('input')].map(({ value }) => value).join()`;
    expect(await page.evaluate(values)).not.toContain(secret);
    await page.reload();
    expect(await page.getByLabel('Caller key').inputValue()).toBe('');
    await signIn(page, key);
  });

  it('follows no redirect with the key', async () => {
    const elsewhere: string[] = [];
    await page.route('**/renames?*', (route) =>
      route.fulfill({
        status: 307,
        headers: { location: `${inChromium.proxy.stack.customVision.endpoint}/stolen` },
      }),
    );
    await openIds(page, inChromium.proxy.seed());
    await page.locator('.history').getByText('No answer came from the proxy').waitFor();
    await page.unroute('**/renames?*');
    for (const { path } of inChromium.proxy.stack.customVision.journal)
      if (path === '/stolen') elsewhere.push(path);
    expect(elsewhere).toEqual([]);
  });

  it('works behind a gateway that puts it under a path of its own', async () => {
    const { proxy, browser, keyOf } = inChromium;
    const seeded = proxy.seed();
    const context = await browser.newContext();
    const prefix = 'http://localhost:7/models/rename';
    const outside: string[] = [];
    await context.route('http://localhost:7/**', async (route) => {
      const url = route.request().url();
      if (!url.startsWith(`${prefix}/`)) {
        outside.push(url);
        return route.abort();
      }
      return route.fulfill({ response: await route.fetch({ url: url.replace(prefix, proxy.app.url) }) });
    });
    const behind = await context.newPage();
    await behind.goto(`${prefix}/console`);
    await signIn(behind, keyOf('line-3'));
    await openIds(behind, seeded);
    await renameTo(behind, 'behind a gateway');
    await behind.getByText('Renamed to behind a gateway').waitFor();
    expect(nameNow(proxy, seeded)).toBe('behind a gateway');
    expect(await behind.locator('pre').first().innerText()).toContain(`'${prefix}/default/customvision/`);
    expect(outside).toEqual([]);
  });

  it('stays quick with 10,000 iterations', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const iterations = Array.from({ length: 10_000 }, (_, index) => ({
      id: randomUUID(),
      name: `Iteration ${index}`,
      status: 'Completed',
      created: '2026-01-01T00:00:00Z',
      lastModified: '2026-01-01T00:00:00Z',
      projectId: seeded.projectId,
    }));
    proxy.stack.customVision.faults.inject({
      kind: 'body',
      body: JSON.stringify(iterations),
      headers: { 'content-type': 'application/json' },
      when: ({ path }) => path.endsWith(`${seeded.projectId}/iterations`),
    });
    await openIds(page, seeded);
    await page.getByText('10000 of 10000').waitFor();
    const startedMs = performance.now();
    await page.getByLabel('Find by name or id').last().fill('iteration 4242');
    await page.getByText('1 of 10000').waitFor();
    expect(performance.now() - startedMs).toBeLessThan(3000);
    await page.getByRole('radio', { name: 'Iteration 4242' }).check();
    await page.getByRole('heading', { name: 'Rename Iteration 4242' }).waitFor();
    expect(await page.locator('*').count()).toBeLessThan(1500);
  });
});
