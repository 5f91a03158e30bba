import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EntraIssuer } from '../stack/entra-issuer.ts';
import { nameNow } from '../functions/iteration-faults.ts';
import { type ConsoleInChromium, openIds, renameTo, startConsoleInChromium } from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';
import { storedIn } from './stored-in.ts';

/** The window of the authority, where Ada presses the button. */
async function signInAsAda(page: Page, button = 'Sign in as Ada'): Promise<void> {
  const opening = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
  const popup = await opening;
  const closing = popup.waitForEvent('close');
  await popup.getByRole('button', { name: button }).click();
  await closing;
}

describeInChromium('the console page, with Entra', () => {
  let inChromium: ConsoleInChromium;
  let entra: EntraIssuer;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium({ callerAuthentication: 'entra,caller-key' });
    const { stack } = inChromium.proxy;
    if (stack.entra === null) throw new Error('the stack has no issuer');
    ({ entra } = stack);
  });
  afterAll(() => inChromium.stop());

  const grantsAsked = () =>
    entra.journal
      .filter(({ path }) => path.includes('/oauth2/v2.0/token'))
      .map(({ body }) => new URLSearchParams(body).get('grant_type'));

  const openAsAda = async (): Promise<Page> => {
    const page = await inChromium.open({ ignoreHTTPSErrors: true });
    await signInAsAda(page);
    await page.getByRole('heading', { name: 'Find the iteration' }).waitFor();
    return page;
  };

  it('signs a person in by a window, and renames as that person', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAsAda();
    await page.getByText('Signed in as Ada').waitFor();
    await openIds(page, seeded);
    await page.getByLabel('New name').fill('by Ada');
    const sample = await page.locator('pre').first().innerText();
    expect(sample).toContain('"Authorization: Bearer $ACCESS_TOKEN"');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByText('Renamed to by Ada').waitFor();
    const [record] = await proxy.records(seeded.projectId);
    expect(record).toMatchObject({ callerId: `entra:${entra.person.objectId}` });
    await page.getByRole('listitem').filter({ hasText: 'Ada' }).waitFor();
  });

  it('keeps no token where another page or a later visit finds it', async () => {
    const page = await openAsAda();
    const stored = await storedIn(page);
    expect(stored).not.toMatch(/eyJ|refresh|secret|code=/i);
    expect(page.url()).toBe(`${inChromium.proxy.app.url}/console`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    expect(await page.getByRole('button', { name: 'Sign in with Microsoft' }).isEnabled()).toBe(true);
  });

  it('renews an expired token by itself, and asks to sign in again where that is refused', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    entra.setTokenLifetime(1);
    const page = await openAsAda();
    await openIds(page, seeded);
    await renameTo(page, 'renewed');
    await page.getByText('Renamed to renewed').waitFor();
    // Both lists were read again: it is the next rename that must find the sign-in expired.
    await page.getByRole('listitem').filter({ hasText: 'renewed' }).waitFor();
    await page.getByRole('radio', { name: /renewed/ }).waitFor();
    expect(grantsAsked()).toContain('refresh_token');
    expect(page.frames()).toHaveLength(1); // its policy has no place for MSAL's hidden one

    entra.revokeRefreshTokens();
    await renameTo(page, 'typed before');
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await page.getByText('Your sign-in has expired', { exact: true }).first().waitFor();
    entra.setTokenLifetime(3600);
    await signInAsAda(page);
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('New name').inputValue()).toBe('typed before');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByText('Renamed to typed before').waitFor();
    expect(nameNow(proxy, seeded)).toBe('typed before');
  });

  it('takes a key beside it', async () => {
    const page = await inChromium.openAs('line-3');
    await page.getByText('Signed in as key:line-3').waitFor();
    expect(await page.getByRole('radio').first().isEnabled()).toBe(true);
  });

  it('says that the sign-in was declined, and offers it again', async () => {
    const page = await inChromium.open({ ignoreHTTPSErrors: true });
    await signInAsAda(page, 'Cancel');
    await page.getByText('You were not signed in').waitFor();
    await signInAsAda(page);
    await page.getByText('Signed in as Ada').waitFor();
    expect(await page.getByRole('heading', { name: 'Find the iteration' }).count()).toBe(1);
  });

  it('never failed, nor asked for what its policy refuses', () => {
    expect(inChromium.faults).toEqual([]);
  });
});
