import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  post,
  SECRETS,
  startWebhookProxy,
  PLAIN_MAPPING,
  type WebhookProxy,
} from '../webhooks/webhook-proxy.ts';
import { signStandardWebhook } from '../webhooks/sign.ts';

const SECRET = 'the own bytes of a secret: käse';
const SOURCES = {
  svix: { scheme: 'standard-webhooks', secret: 'standard-secret' },
  shown: { scheme: 'standard-webhooks', secret: 'shown-secret' },
  bytes: { scheme: 'standard-webhooks', secret: 'bytes-secret' },
  databricks: { scheme: 'hmac', secret: 'bytes-secret', header: 'X-Databricks-Signature' },
  prefixed: {
    scheme: 'hmac',
    secret: 'bytes-secret',
    header: 'x-signature',
    algorithm: 'sha512',
    encoding: 'base64',
    prefix: 'v0=',
  },
  pipelines: { scheme: 'json' },
};

let proxy: WebhookProxy;
beforeAll(async () => {
  const sources = Object.entries(SOURCES).map(([name, source]) => [
    name,
    { ...source, rename: PLAIN_MAPPING },
  ]);
  proxy = await startWebhookProxy({
    settings: {
      WEBHOOK_SOURCES: JSON.stringify(Object.fromEntries(sources)),
      ACCESS_POLICY: JSON.stringify([
        { caller: '*', projects: ['*'], resources: ['*'], may: ['rename', 'read'] },
      ]),
    },
  });
  proxy.stack.keyVault.setSecret('shown-secret', `v1,${SECRETS.standard}`);
  proxy.stack.keyVault.setSecret('bytes-secret', SECRET);
});
afterAll(() => proxy.stop());

const standard = (body: string, secret = SECRETS.standard, id: string = randomUUID()) =>
  signStandardWebhook({ body, secret, id, atMs: Date.now() });
const svix = (body: string) =>
  Object.fromEntries(
    Object.entries(standard(body)).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
  );
const hmac = (body: string, algorithm: string, encoding: 'hex' | 'base64') =>
  createHmac(algorithm, SECRET).update(body).digest(encoding);

interface Sender {
  case: string;
  source: keyof typeof SOURCES;
  headers: (body: string) => Record<string, string>;
}

const SENDERS: Sender[] = [
  { case: "Svix's own headers", source: 'svix', headers: svix },
  { case: 'a secret shown as v1,whsec_', source: 'shown', headers: (body) => standard(body) },
  {
    case: 'a secret whose own bytes are the key',
    source: 'bytes',
    headers: (body) => standard(body, Buffer.from(SECRET).toString('base64')),
  },
  {
    case: 'Databricks: hexadecimal, without a prefix',
    source: 'databricks',
    headers: (body) => ({ 'x-databricks-signature': hmac(body, 'sha256', 'hex') }),
  },
  {
    case: 'hexadecimal in upper case',
    source: 'databricks',
    headers: (body) => ({ 'x-databricks-signature': hmac(body, 'sha256', 'hex').toUpperCase() }),
  },
  {
    case: 'base64, with a prefix',
    source: 'prefixed',
    headers: (body) => ({ 'x-signature': `v0=${hmac(body, 'sha512', 'base64')}` }),
  },
  {
    case: 'Azure DevOps: unsigned, with the key of a caller',
    source: 'pipelines',
    headers: () => ({ 'x-functions-key': proxy.app.functionKey }),
  },
];

describe.each(SENDERS)('$case', ({ source, headers }) => {
  it('renames, once for each delivery', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const body = JSON.stringify({ projectId, iterationId, name: 'delivered', id: randomUUID() });
    const sent = headers(body);
    const answer = await post(proxy.app, `/webhooks/${source}`, body, sent);
    expect(answer).toMatchObject({ status: 202 });
    expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({ status: 'succeeded' });
    expect((await post(proxy.app, `/webhooks/${source}`, body, sent)).text).toBe(answer.text);
  });

  it('is refused without its credential', async () => {
    const body = JSON.stringify({ name: 'a' });
    expect(await post(proxy.app, `/webhooks/${source}`, body)).toMatchObject({ status: 401 });
  });
});

describe.each(SENDERS.filter(({ source }) => source !== 'pipelines'))('$case', ({ source, headers }) => {
  it('is refused with another body, and with a cut signature', async () => {
    const sent = headers('{"name":"a"}');
    expect(await post(proxy.app, `/webhooks/${source}`, '{"name":"b"}', sent)).toMatchObject({ status: 401 });
    const cut = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value.slice(0, -4)]));
    expect(await post(proxy.app, `/webhooks/${source}`, '{"name":"a"}', cut)).toMatchObject({ status: 401 });
  });
});

it('takes the id that was signed where both sets of headers came', async () => {
  const { projectId, iterationId } = proxy.seed();
  const body = JSON.stringify({ projectId, iterationId, name: 'both' });
  const sent = { ...standard(body), 'svix-id': 'unsigned' };
  const first = await post(proxy.app, '/webhooks/svix', body, sent);
  expect(first.status).toBe(202);
  const second = await post(proxy.app, '/webhooks/svix', body, { ...sent, 'svix-id': 'another' });
  expect(second.text).toBe(first.text);
});

it('tells in its log which delivery it ignored, of which type, and why', async () => {
  const body = JSON.stringify({ type: 'model.retired', id: 'event 7' });
  const answer = await post(proxy.app, '/webhooks/svix', body, standard(body, undefined, 'msg 7'));
  expect(answer.status).toBe(204);
  await expect
    .poll(() => proxy.app.output())
    .toMatch(
      /delivery_ignored.*"deliveryId":"msg 7".*"eventType":"model\.retired".*"reason":"expression_yields_nothing"/,
    );
});
