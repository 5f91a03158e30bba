import { randomUUID } from 'node:crypto';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SECRETS, SIGN, startWebhookProxy, post, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

// macOS writes accents apart from their letters, into tags, file names and what people paste.

const COMPOSED = 'gepr\u00FCft \u304C';
const DECOMPOSED = COMPOSED.normalize('NFD');
const QUEUE = 'trained';

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy();
  const resources: Record<string, object> = JSON.parse(proxy.stack.settings['CUSTOM_VISION_RESOURCES'] ?? '');
  const training = { notificationQueue: QUEUE, iterationName: JSON.stringify(DECOMPOSED) };
  await proxy.app.stop();
  proxy.app = await proxy.stack.startApp({
    settings: {
      CUSTOM_VISION_RESOURCES: JSON.stringify({ default: { ...resources['default'], ...training } }),
      ACCESS_POLICY: JSON.stringify([
        { caller: '*', projects: ['*'], resources: ['*'], names: COMPOSED, may: ['rename'] },
      ]),
    },
  });
  await new QueueClient(proxy.stack.azurite.connectionString, QUEUE).createIfNotExists();
});
afterAll(() => proxy.stop());

it.each([
  { case: 'JSON', type: 'application/json', body: JSON.stringify({ name: DECOMPOSED }) },
  { case: 'XML', type: 'text/xml', body: `<Iteration><name>${DECOMPOSED}</name></Iteration>` },
  {
    case: 'a form',
    type: 'application/x-www-form-urlencoded',
    body: `name=${encodeURIComponent(DECOMPOSED)}`,
  },
])('are composed in $case', async ({ type, body }) => {
  const iteration = proxy.seed();
  const answer = await proxy.rename(iteration, { app: proxy.app, body, headers: { 'content-type': type } });
  expect(answer.json['name']).toBe(COMPOSED);
  expect((await proxy.records(iteration.projectId))[0]).toMatchObject({ requestedName: COMPOSED });
});

it('are composed in deliveries, signed and not', async () => {
  const [first, second] = [proxy.seed(), proxy.seed()];
  const signedBody = JSON.stringify({ ...first, path: undefined, name: DECOMPOSED });
  const headers = SIGN.github({ body: signedBody, secret: SECRETS.github, id: randomUUID() });
  const signed = await post(proxy.app, '/webhooks/github', signedBody, headers);
  const event = { specversion: '1.0', id: randomUUID(), source: '/a', type: 'b' };
  const body = JSON.stringify({ ...event, data: { ...second, path: undefined, name: DECOMPOSED } });
  const unsigned = await post(proxy.app, '/webhooks/events', body, {
    'content-type': 'application/cloudevents+json',
    'x-functions-key': proxy.app.functionKey,
  });
  expect(await proxy.ended(first, signed.renameId)).toMatchObject({ requestedName: COMPOSED });
  expect(await proxy.ended(second, unsigned.renameId)).toMatchObject({ requestedName: COMPOSED });
});

it('are composed at the end of a training', async () => {
  const { projectId, iterationId } = proxy.seed();
  const Content = { projectId, iterationId, trainingStatus: 'TrainingCompleted' };
  const notification = JSON.stringify({ version: '1.0', type: 'Training', Content });
  await proxy.app.invoke('name-trained-iteration-default', notification);
  const nameNow = () => proxy.stack.customVision.iteration(projectId, iterationId)?.name;
  await expect.poll(nameNow, { timeout: 10_000 }).toBe(COMPOSED);
});
