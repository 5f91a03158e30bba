import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../stack/azurite.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { createLoopbackCertificate, type LoopbackCertificate } from '../stack/loopback-certificate.ts';
import { startStack, type Stack } from '../stack/stack.ts';

let azurite: Azurite;
let certificate: LoopbackCertificate;
let stack: Stack;
/** A file with the certificates of the vault and of Azurite. */
let trusted: string;

beforeAll(async () => {
  certificate = await createLoopbackCertificate();
  azurite = await startAzurite({ tls: certificate });
  stack = await startStack({ azurite });
  trusted = `${certificate.certFile}.and-of-the-vault`;
  const ofTheVault = await readFile(stack.settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  await writeFile(trusted, `${certificate.cert}\n${ofTheVault}`);
});
afterAll(async () => {
  await stack.stop();
  await azurite.stop();
  await certificate.remove();
});

const startApp = (): Promise<FunctionApp> =>
  stack.startApp({
    settings: {
      RENAME_STORAGE: '',
      RENAME_STORAGE__tableServiceUri: azurite.tableEndpoint,
      RENAME_STORAGE__queueServiceUri: azurite.queueEndpoint,
      RENAME_STORAGE__credential: 'managedidentity',
      NODE_EXTRA_CA_CERTS: trusted,
    },
  });

const rename = ({ url, functionKey }: FunctionApp): Promise<Response> => {
  const { id: projectId, iterations } = stack.sample;
  return fetch(`${url}/customvision/v3.2/training/projects/${projectId}/iterations/${iterations[0].id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', 'x-functions-key': functionKey },
    body: '{"name":"by identity"}',
  });
};

it('writes the record as the managed identity, without a storage key', async () => {
  const app = await startApp();
  const response = await rename(app);
  expect({ status: response.status, body: await response.text() }).toMatchObject({ status: 200 });

  const record = await fetch(new URL(response.headers.get('location') ?? '', response.url), {
    headers: { 'x-functions-key': app.functionKey },
  });
  expect(await record.json()).toMatchObject({ requestedName: 'by identity', status: 'succeeded' });
  const resources = stack.identity.journal.map(({ path: asked }) =>
    new URL(asked, 'http://127.0.0.1').searchParams.get('resource'),
  );
  expect(new Set(resources)).toEqual(new Set(['https://vault.azure.net', 'https://storage.azure.com']));
});

it('answers 503 in time, and renames nothing, while the identity endpoint hangs', { retry: 2 }, async () => {
  stack.identity.faults.inject({ kind: 'hang' }); // before the start, or the warm-up might cache a token
  const app = await startApp();
  const patches = () => stack.customVision.journal.filter(({ method }) => method === 'PATCH').length;
  const [before, startedMs] = [patches(), performance.now()];
  const response = await rename(app);
  expect(performance.now() - startedMs).toBeLessThan(5900);
  expect({ status: response.status, body: await response.text() }).toMatchObject({
    status: 503,
    body: expect.stringContaining('The audit record could not be written. Nothing was renamed.'),
  });
  expect(patches()).toBe(before);
});
