import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setDefaultCACertificates } from 'node:tls';
import { TableClient } from '@azure/data-tables';
import type { GetTokenOptions } from '@azure/identity';
import { afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createSendRequest } from '../../src/outbound/send-request.ts';
import { createSendTransaction } from '../../src/table-storage/send-transaction.ts';
import { createLoopbackCertificate, type LoopbackCertificate } from '../stack/loopback-certificate.ts';

const TENANT = '5b5e3f4c-9d0e-4f2b-8a39-6f1f0f3f7a11';
const DONE = 'HTTP/1.1 204 No Content\r\netag: W/"new"\r\n\r\n';

let certificate: LoopbackCertificate;
const seen: { atMs: number; headers: IncomingMessage['headers'] }[] = [];
const tokensAsked: GetTokenOptions[] = [];

beforeAll(async () => {
  certificate = await createLoopbackCertificate();
  setDefaultCACertificates([certificate.cert]);
  return () => certificate.remove();
});
afterEach(() => {
  seen.length = 0;
  tokensAsked.length = 0;
});

/** A table service that answers the first request like this, and takes what comes then. */
async function sendTo(first: (response: ServerResponse) => void): Promise<readonly string[]> {
  const server = createServer(certificate, (request, response) => {
    request.resume().on('end', () => {
      seen.push({ atMs: performance.now(), headers: request.headers });
      if (seen.length === 1) first(response);
      else response.writeHead(202).end(DONE);
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  const credential = {
    async getToken(_scopes: string | string[], options: GetTokenOptions = {}) {
      tokensAsked.push(options);
      return { token: `token-${tokensAsked.length}`, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const client = new TableClient(`https://127.0.0.1:${port}`, 'renames', credential, {
    retryOptions: { maxRetries: 1, retryDelayInMs: 10 },
  });
  const send = createSendTransaction(client, createSendRequest());
  return send([['create', { partitionKey: 'p', rowKey: 'r' }]], AbortSignal.timeout(4000));
}

it('carries the token, and tells whose it is and which it is', async () => {
  expect(await sendTo((response) => response.writeHead(202).end(DONE))).toEqual(['W/"new"']);
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer token-1',
    'user-agent': 'custom-vision-rename-proxy',
    'x-ms-client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

it('fetches the token that a challenge asks for', async () => {
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${TENANT}/oauth2/authorize resource_id=https://storage.azure.com`;
  await sendTo((response) => response.writeHead(401, { 'www-authenticate': challenge }).end());
  expect(tokensAsked.map(({ tenantId }) => tenantId)).toEqual([undefined, TENANT]);
  expect(seen[1]?.headers.authorization).toBe('Bearer token-2');
});

it('waits for as long as the service asks', async () => {
  await sendTo((response) => response.writeHead(503, { 'retry-after': '1' }).end());
  const [first, second] = seen.map(({ atMs }) => atMs);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(900);
});

it('tries again where the connection breaks', async () => {
  expect(await sendTo((response) => response.destroy())).toEqual(['W/"new"']);
  expect(seen).toHaveLength(2);
});
