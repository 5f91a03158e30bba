import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { injectFault, nameNow, namesTaken } from '../functions/iteration-faults.ts';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { type ConsoleInChromium, openIds, renameTo, startConsoleInChromium } from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';

const everywhere = { projects: ['*'], resources: ['*'] };
const GRANTS = [
  { caller: 'key:line-3', ...everywhere, may: ['rename', 'read'] },
  { caller: 'key:reader', ...everywhere, may: ['read'] },
  { caller: 'key:renamer', ...everywhere, may: ['rename'], names: 'v[0-9].*' },
];

/** After the proxy has renamed. */
async function loseAnswer(route: Route): Promise<void> {
  await route.fetch();
  await route.abort('connectionreset');
}

describeInChromium('the console page, where something goes wrong', () => {
  let inChromium: ConsoleInChromium;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium({
      callers: ['line-3', 'reader', 'renamer', 'stranger'],
      settings: { ACCESS_POLICY: JSON.stringify(GRANTS), 'AzureWebJobs.sweep-renames.Disabled': 'false' },
    });
  });
  afterEach(() => inChromium.proxy.clearFaults());
  afterAll(() => inChromium.stop());

  const openAt = async (seeded: SeededIteration, caller = 'line-3'): Promise<Page> => {
    const page = await inChromium.openAs(caller);
    await openIds(page, seeded);
    await page.getByLabel('New name').waitFor();
    return page;
  };

  it('refuses a name while it is typed, in words, and sends nothing', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    const field = page.getByLabel('New name');
    await field.fill(' v1 ');
    await page.getByText('The name must not begin or end with white space.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.press('Enter');
    expect(await page.getByRole('button', { name: 'Rename', exact: true }).isDisabled()).toBe(true);
    expect(await proxy.records(seeded.projectId)).toEqual([]);
  });

  it('tells what Custom Vision refuses, and that a corrected name is another request', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    proxy.stack.customVision.addIteration(seeded.projectId, { name: 'taken' });
    const page = await openAt(seeded);
    await page.getByRole('radio', { name: 'taken' }).waitFor();
    await renameTo(page, 'taken');
    await page.getByText('The name is refused').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Refused' }).waitFor();
    await page.getByLabel('XML').check();
    await renameTo(page, 'taken');
    await page.getByText('The proxy says (400): Iteration name is not unique within the project').waitFor();
    await renameTo(page, 'free');
    await page.getByText('Renamed to free').waitFor();
    expect(namesTaken(proxy, seeded)).toEqual(['free']);
  });

  it('follows a rename whose outcome is unknown until it is known', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    injectFault(proxy, seeded, 'PATCH', { kind: 'hang', acts: true });
    const unreadable = injectFault(proxy, seeded, 'GET', { kind: 'status', status: 500 });
    await renameTo(page, 'late');
    await page.getByText('Not known yet whether the iteration was renamed').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Not known yet' }).waitFor();
    unreadable.clear();
    await expect
      .poll(
        async () => {
          await proxy.app.invoke('sweep-renames');
          return page.getByText('The iteration shows the name: it is certain now.').count();
        },
        { timeout: 30_000, interval: 1000 },
      )
      .toBe(1);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'late' })
      .getByText('Renamed', { exact: true })
      .waitFor();
    expect(namesTaken(proxy, seeded)).toEqual(['late']);
  });

  it('repeats a rename after a lost answer as the same request', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    await page.route('**/iterations/*', loseAnswer, { times: 1 });
    await renameTo(page, 'once');
    await page.getByText('No answer came from the proxy').waitFor();
    await page.getByText(/The rename may have been made/).waitFor();
    await page.getByLabel('New name').fill('typed meanwhile');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('It was renamed by the first request').waitFor();
    expect(await page.getByLabel('New name').inputValue()).toBe('typed meanwhile');
    expect(namesTaken(proxy, seeded)).toEqual(['once']);
  });

  it('says that the browser is offline, and goes on where it was', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    await page.context().setOffline(true);
    await renameTo(page, 'later');
    await page.getByText('You are offline').first().waitFor();
    await page.context().setOffline(false);
    await page.locator('.outcome').getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Renamed to later').waitFor();
    expect(namesTaken(proxy, seeded)).toEqual(['later']);
  });

  it('does not undo what somebody has renamed since, and says so', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    await renameTo(page, 'mine');
    await page.getByText('Renamed to mine').waitFor();
    proxy.stack.customVision.setName(seeded.projectId, seeded.iterationId, 'by the portal');
    await page.getByRole('button', { name: /^Undo/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Undo the rename' }).click();
    await dialog.getByText('This rename cannot be undone now').waitFor();
    await dialog.getByText(/another name now: "by the portal"/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(nameNow(proxy, seeded)).toBe('by the portal');
  });

  it('says that Custom Vision is down, and shows the history all the same', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    await proxy.rename(seeded, { name: 'before', headers: { 'training-key': inChromium.keyOf('line-3') } });
    await proxy.stack.customVision.faults.refuse();
    const page = await openAt(seeded);
    await page.getByText('Custom Vision cannot be reached').first().waitFor();
    await page.getByRole('listitem').filter({ hasText: 'before' }).waitFor();
    await renameTo(page, 'in vain');
    await page.getByText('Nothing was renamed: it is certain now').waitFor();
    await page.getByText('The proxy’s answer: 502').waitFor();
    await proxy.stack.customVision.faults.accept();
    await page.locator('.outcome').getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Renamed to in vain').waitFor();
    expect(namesTaken(proxy, seeded)).toEqual(['before', 'in vain']);
  });

  it('waits as long as a 429 asks for', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    const headers = { 'retry-after': '2' };
    injectFault(proxy, seeded, 'PATCH', { kind: 'status', status: 429, headers, times: 1 });
    await renameTo(page, 'patient');
    await page.getByText('Too many requests').waitFor();
    const again = page.locator('.outcome').getByRole('button', { name: /^Try again/ });
    expect(await again.isDisabled()).toBe(true);
    await again.click(); // when it may be clicked
    await page.getByText('Renamed to patient').waitFor();
  });

  it('lets a reader read, and says which grant a rename needs', async () => {
    const { proxy, keyOf } = inChromium;
    const seeded = proxy.seed();
    await proxy.rename(seeded, { name: 'readable', headers: { 'training-key': keyOf('line-3') } });
    const page = await openAt(seeded, 'reader');
    await page.getByRole('listitem').filter({ hasText: 'readable' }).waitFor();
    await renameTo(page, 'not mine');
    await page.getByText('You may not give this name here').waitFor();
    await page.getByText(/a grant of “rename” on this project/).waitFor();
    expect(nameNow(proxy, seeded)).toBe('readable');
  });

  it('lets a renamer rename, and says which grant the history needs', async () => {
    const { proxy } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded, 'renamer');
    await page.getByText('You may not read the history of this project').waitFor();
    await renameTo(page, 'v2');
    await page.getByText('Renamed to v2').waitFor();
    await renameTo(page, 'other');
    await page.getByText(/It may also allow certain names only/).waitFor();
    expect(nameNow(proxy, seeded)).toBe('v2');
  });

  it('tells a caller without any grant whom to ask', async () => {
    const { open, keyOf } = inChromium;
    const page = await open();
    await page.getByLabel('Caller key').fill(keyOf('stranger'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/nothing is granted to you/i).waitFor();
    expect(await page.getByText('Ask').count()).toBe(1);
  });

  it('asks to sign in again where the key is withdrawn, and keeps what was typed', async () => {
    const { proxy, keyOf } = inChromium;
    const seeded = proxy.seed();
    const page = await openAt(seeded);
    await page.route('**/iterations/*', (route) => route.fulfill({ status: 401, body: '' }), { times: 1 });
    await renameTo(page, 'kept');
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await dialog.getByLabel('Caller key').fill(keyOf('line-3'));
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('New name').inputValue()).toBe('kept');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByText('Renamed to kept').waitFor();
  });

  it('never failed, nor asked for what its policy refuses', () => {
    expect(inChromium.faults).toEqual([]);
  });
});
