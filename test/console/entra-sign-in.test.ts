import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EntraIssuer } from '../stack/entra-issuer.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { startChromium } from './chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';

describeInChromium('signing in to the console by Entra', () => {
  let stack: Stack;
  let app: FunctionApp;
  let issuer: EntraIssuer;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ callerAuthentication: 'entra' }), startChromium()]);
    app = await stack.startApp();
    if (stack.entra === null) throw new Error('the stack has no issuer');
    issuer = stack.entra;
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  /** Opens the page by the app's own root, and presses `button` in the window of the authority. */
  async function signIn(button: string): Promise<{ page: Page; told: string[] }> {
    // The authority's certificate is one that it signed itself.
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await page.goto(app.url);
    const opened = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
    const popup = await opened;
    await popup.getByRole('button', { name: button }).click();
    await popup.waitForEvent('close');
    return { page, told };
  }

  const grantsAsked = () =>
    issuer.journal
      .filter(({ path }) => path.includes('/oauth2/v2.0/token'))
      .map(({ body }) => new URLSearchParams(body).get('grant_type'));

  it('works under the policy of the page, and leaves no token in storage or address', async () => {
    const { page, told } = await signIn('Sign in as Ada');
    await page.getByText('Signed in as Ada').waitFor();
    await page.getByText(stack.sample.name).first().waitFor();
    expect(told).toEqual([]);
    expect(page.url()).toBe(`${app.url}/console`);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
    await page.context().close();
  });

  it('renews a token that is about to end, without a window or a frame', async () => {
    issuer.setTokenLifetime(60); // MSAL renews a token five minutes before its end
    const { page, told } = await signIn('Sign in as Ada');
    await page.getByText(stack.sample.name).first().waitFor();
    expect(grantsAsked()).toContain('refresh_token');
    expect(page.frames()).toHaveLength(1);
    expect(told).toEqual([]);
    issuer.setTokenLifetime(3600);
    await page.context().close();
  });

  it('is asked for again once it has ended', async () => {
    issuer.setTokenLifetime(60); // MSAL renews a token five minutes before its end
    const { page } = await signIn('Sign in as Ada');
    await page.getByText(stack.sample.name).first().waitFor();
    issuer.revokeRefreshTokens();
    await page.getByRole('button', { name: 'Reload' }).first().click();
    await page
      .getByText(/sign in again/i)
      .first()
      .waitFor();
    expect(grantsAsked().at(-1)).toBe('refresh_token');
    issuer.setTokenLifetime(3600);
    await page.context().close();
  });

  it('can be declined, and tried again', async () => {
    const { page } = await signIn('Cancel');
    await page.locator('.notice').waitFor();
    expect(await page.getByRole('button', { name: 'Sign in with Microsoft' }).isEnabled()).toBe(true);
    await page.context().close();
  });
});
