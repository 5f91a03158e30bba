import type { Page } from 'playwright-core';

/** Runs in the page: everything that it could have left behind, as one text. */
const LEFT_BEHIND = `(async () => {
  const databases = await indexedDB.databases();
  const cached = 'caches' in globalThis ? await caches.keys() : [];
  return JSON.stringify({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: databases.map(({ name }) => name),
    cached,
    cookie: document.cookie,
    address: location.href,
    state: history.state,
    name: window.name,
  });
})()`;

/** What the page keeps beside its own memory, its cookies and their addresses included. */
export async function storedIn(page: Page): Promise<string> {
  const left = await page.evaluate<string>(LEFT_BEHIND);
  const cookies = await page.context().cookies();
  const ofPage = cookies.filter(({ domain, path }) => path === new URL(page.url()).pathname || domain === '');
  return `${left} ${JSON.stringify(ofPage)}`;
}
