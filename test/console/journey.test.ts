import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameNow } from '../functions/iteration-faults.ts';
import {
  type ConsoleInChromium,
  openIds,
  renameTo,
  signIn,
  startConsoleInChromium,
} from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';

const MARKUP = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>&lt;`;

describeInChromium('the console page', () => {
  let inChromium: ConsoleInChromium;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium({ resources: ['default', 'line-5'] });
  });
  afterAll(() => inChromium.stop());

  it('leads a newcomer from the key to an undone rename', async () => {
    const { proxy, openAs } = inChromium;
    const [iteration] = proxy.stack.sample.iterations;
    const seeded = { projectId: proxy.stack.sample.id, iterationId: iteration.id, path: '' };
    const page = await openAs('line-3');
    await page.getByRole('radio', { name: proxy.stack.sample.name }).check();
    await page.getByRole('radio', { name: iteration.name }).check();
    await renameTo(page, 'v4.1 line-3 approved');
    await page.getByText('Renamed to v4.1 line-3 approved').waitFor();
    expect(nameNow(proxy, seeded)).toBe('v4.1 line-3 approved');
    await page.getByRole('radio', { name: 'v4.1 line-3 approved' }).waitFor(); // the list knows it, too

    const entry = page.getByRole('listitem').filter({ hasText: 'by a request' });
    expect(await entry.innerText()).toMatch(/Renamed.*key:line-3.*Iteration 1.*v4.1 line-3 approved/s);
    const time = entry.locator('time');
    expect(await time.getAttribute('datetime')).toMatch(/^20\d\d-.*Z$/);
    expect(await time.getAttribute('title')).toMatch(/ UTC$/);

    await entry.getByRole('button', { name: /^Undo/ }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toMatch(
      /v4.1 line-3 approved gets the name Iteration 1 back.*yours: key:line-3/s,
    );
    await dialog.getByRole('button', { name: 'Undo the rename' }).click();
    await page.getByText('Undone: the iteration has the name Iteration 1 again.').waitFor();
    expect(nameNow(proxy, seeded)).toBe('Iteration 1');
    await page.getByText('Undone by key:line-3').waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'as an undo' }).count()).toBe(1);
  });

  it('finds what is on another resource', async () => {
    const { proxy, openAs } = inChromium;
    const seeded = proxy.seed('Iteration 9', 'line-5');
    const page = await openAs('line-3');
    await page.getByLabel('Resource').selectOption('line-5');
    await page.getByRole('radio', { name: 'Iteration 9' }).check(); // its only project is chosen already
    await renameTo(page, 'on line 5');
    await page.getByText('Renamed to on line 5').waitFor();
    expect(proxy.stack.customVisions['line-5']?.iteration(seeded.projectId, seeded.iterationId)?.name).toBe(
      'on line 5',
    );
  });

  it('shows markup in a name, and runs none of it', async () => {
    const { proxy, openAs } = inChromium;
    const seeded = proxy.seed(MARKUP);
    const page = await openAs('line-3');
    await openIds(page, seeded);
    await page.getByRole('heading', { name: MARKUP }).waitFor();
    await renameTo(page, `${MARKUP} 2`);
    await page.getByText(`Renamed to ${MARKUP} 2`).waitFor();
    await page.getByRole('listitem').getByText(`${MARKUP} 2`).first().waitFor();
    await page.getByRole('button', { name: /^Undo/ }).click();
    expect(await page.getByRole('dialog').innerText()).toContain(MARKUP);
    expect(await page.locator('img, bdi *').count()).toBe(0);
    expect(await page.title()).toBe('Rename console');
  });

  it('shows and sends names in any script', async () => {
    const { proxy, openAs } = inChromium;
    const seeded = proxy.seed('نموذج ٣');
    const page = await openAs('line-3');
    await openIds(page, seeded);
    const name = 'שורה 3 👩‍🏭 検査済み';
    await renameTo(page, name);
    await page.getByText(`Renamed to ${name}`).waitFor();
    expect(nameNow(proxy, seeded)).toBe(name);
    await page.locator('.change').waitFor();
    const direction = `getComputedStyle(document.querySelector('.change bdi')).direction`;
    expect(await page.evaluate(direction)).toBe('rtl');
  });

  it('answers in JSON or XML, with status and headers', async () => {
    const { proxy, openAs } = inChromium;
    const page = await openAs('line-3');
    await openIds(page, proxy.seed());
    await page.getByLabel('XML').check();
    expect(await page.locator('pre').first().innerText()).toContain('Accept: application/xml');
    await renameTo(page, 'in XML');
    await page.getByText('Renamed to in XML').waitFor();
    await page.getByText(/The proxy’s answer: 200/).click();
    const answer = page.locator('details.answer');
    expect(await answer.innerText()).toMatch(/rename-id.*<Name>in XML<\/Name>/is);
    await page.getByLabel('JSON').check();
    await renameTo(page, 'in JSON');
    await answer.getByText('"name": "in JSON"').waitFor();
  });

  it('copies the request, or selects it where the browser forbids that', async () => {
    const { proxy, openAs } = inChromium;
    const page = await openAs('line-3');
    await openIds(page, proxy.seed());
    await page.getByText('JavaScript', { exact: true }).click();
    const shown = await page.locator('pre').first().innerText();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: /^Copy/ }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(shown);
    await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))`);
    await page.getByRole('button', { name: /^Copy/ }).click();
    await page.getByText('Selected: press Ctrl+C').waitFor();
    expect(await page.evaluate('String(getSelection())')).toBe(shown);
  });

  it('saves every record as CSV, and pages and filters what it shows', async () => {
    const { proxy, openAs, keyOf } = inChromium;
    const seeded = proxy.seed();
    for (let count = 1; count <= 55; count += 1) {
      const headers = { 'training-key': keyOf('line-3'), 'idempotency-key': `count-${count}` };
      await proxy.rename(seeded, { name: count % 2 === 0 ? `even ${count}` : `odd ${count}`, headers });
    }
    const page = await openAs('line-3');
    await openIds(page, seeded);
    await page.getByText('50 records loaded; there are older ones.').waitFor();
    await page.getByRole('button', { name: 'Load older records' }).click();
    await page.getByText('55 records.').waitFor();
    await page.getByLabel('Text', { exact: true }).fill('EVEN 54');
    await page.getByText('2 of 55 records.').waitFor();
    await page.getByLabel('Status').selectOption('rejected');
    await page.getByText('0 of 55 records.').waitFor();

    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Export all as CSV/ }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(`renames-${seeded.iterationId}.csv`);
    const text = await readFile(await saved.path(), 'utf8');
    expect(text.startsWith('\uFEFFrenameId,status,')).toBe(true);
    expect(text.split('\r\n').filter((line) => line.includes(seeded.iterationId))).toHaveLength(55);
  });

  it('refuses a wrong key with what to do, and forgets the right one on sign-out', async () => {
    const { open, keyOf } = inChromium;
    const page = await open();
    await page.getByLabel('Caller key').fill('line-3.wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not accepted').waitFor();
    expect(await page.getByText(/operators of this proxy give out keys/).count()).toBe(1);
    await signIn(page, keyOf('line-3'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByLabel('Caller key').inputValue()).toBe('');
  });

  it('is worked by the keyboard alone', async () => {
    const { proxy, open, keyOf } = inChromium;
    const seeded = proxy.seed('by keyboard');
    const page = await open();
    const focused = () =>
      page.evaluate<string>(
        `document.activeElement.closest('label')?.innerText ?? document.activeElement.innerText`,
      );
    const tabTo = async (words: RegExp): Promise<void> => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        if (words.test(await focused())) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never reaches ${String(words)}`);
    };
    await page.keyboard.type(keyOf('line-3')); // the field has the focus
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Find the iteration' }).waitFor();
    await tabTo(/^Type ids/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type(seeded.projectId);
    await page.keyboard.press('Tab');
    await page.keyboard.type(seeded.iterationId);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'by keyboard' }).waitFor();
    await tabTo(/^Open/);
    await page.keyboard.press('Tab');
    await page.keyboard.type('typed');
    await page.keyboard.press('Enter');
    await page.getByText('Renamed to typed').waitFor();
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await tabTo(/^Undo/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused()).toBe('Undo the rename');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toMatch(/^Undo/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await Promise.all(['Escape', 'Enter'].map((key) => page.keyboard.press(key))); // as fast as keys come
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Undone: the iteration has the name by keyboard again.').waitFor();
    expect(nameNow(proxy, seeded)).toBe('by keyboard');
  });

  it('never failed, nor asked for what its policy refuses', () => {
    expect(inChromium.faults).toEqual([]);
  });
});
