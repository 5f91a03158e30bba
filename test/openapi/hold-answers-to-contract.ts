import { startedApps } from '../stack/function-app.ts';
import { createContract } from './contract.ts';

// Loaded before each test file: every answer that a test fetches must match the app's own OpenAPI document.
const faultsOf = createContract();
const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const answer = await send(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  if (!startedApps.has(url.origin)) return answer;
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
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
