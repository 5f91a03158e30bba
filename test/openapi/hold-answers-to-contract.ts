import { afterAll } from 'vitest';
import { appStarts, startedApps } from '../stack/function-app.ts';

// Loaded before each test file: every answer that a test fetches must match the app's own OpenAPI document.
const send = globalThis.fetch;

/** Runs while an app starts: files without an app do not pay for it, and no test measures it in an answer. */
const loadContract = () => import('./app-contract.ts');
const onStart = () => void loadContract();
appStarts.addEventListener('start', onStart);

globalThis.fetch = async (input, init) => {
  const answer = await send(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  if (!startedApps.has(url.origin)) return answer;
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  const { faultsOf } = await loadContract();
  const faults = faultsOf({
    method: method.toUpperCase(),
    path: `${url.pathname}${url.search}`,
    status: answer.status,
    headers: answer.headers,
    body: await answer.clone().text(),
  });
  if (faults.length > 0) throw new Error(`An answer breaks openapi.json: ${faults.join('; ')}`);
  return answer;
};

// The next file may run in this process, and another server may get the port of an app.
afterAll(() => {
  globalThis.fetch = send;
  startedApps.clear();
  appStarts.removeEventListener('start', onStart);
});
