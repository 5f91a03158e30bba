import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameNow } from '../functions/iteration-faults.ts';
import { type ConsoleInChromium, openIds, renameTo, startConsoleInChromium } from './console-in-chromium.ts';
import { describeInChromium } from './describe-in-chromium.ts';

describeInChromium('the console page, with function keys', () => {
  let inChromium: ConsoleInChromium;
  beforeAll(async () => {
    inChromium = await startConsoleInChromium({ callerAuthentication: 'function-key' });
  });
  afterAll(() => inChromium.stop());

  it('tells a wrong key, which the host refuses without a word, and renames by the right one', async () => {
    const { proxy, open } = inChromium;
    const seeded = proxy.seed();
    const page = await open();
    await page.getByLabel('Function key').fill('wrong');
    await page.getByLabel('Function key').press('Enter');
    await page.getByText('This key is not accepted').waitFor();
    await page.getByLabel('Function key').fill(proxy.app.functionKey);
    await page.getByLabel('Function key').press('Enter');
    await page.getByText('Signed in as function-key').waitFor();
    await openIds(page, seeded);
    expect(await page.locator('pre').first().innerText()).toContain('"x-functions-key: $FUNCTION_KEY"');
    await renameTo(page, 'by a function key');
    await page.getByText('Renamed to by a function key').waitFor();
    expect(nameNow(proxy, seeded)).toBe('by a function key');
  });
});
