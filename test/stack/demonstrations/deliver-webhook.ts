import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { readmeBlock } from '../../readme-block.ts';
import { signGithub } from '../../webhooks/sign.ts';
import type { Stack } from '../stack.ts';
import { type Session, showExchange, showRecord } from './session.ts';

const SOURCE = 'releases';
const SECRET_NAME = 'webhook-releases';
const DEADLINE_MS = 30_000;

/** Sets up the README's own example of a GitHub webhook. Call it before the app is started. */
export function setUpWebhook(stack: Stack): { secret: string } {
  const secret = randomBytes(32).toString('hex');
  stack.keyVault.setSecret(SECRET_NAME, secret);
  const rename = readmeBlock('jsonata', 'github');
  const policy: object[] = JSON.parse(stack.settings['ACCESS_POLICY'] ?? '[]');
  const grant = { caller: `webhook:${SOURCE}`, projects: ['*'], resources: ['*'], may: ['rename'] };
  Object.assign(stack.settings, {
    WEBHOOK_SOURCES: JSON.stringify({ [SOURCE]: { scheme: 'github', secret: SECRET_NAME, rename } }),
    ACCESS_POLICY: JSON.stringify([...policy, grant]),
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.5', // somebody is watching
  });
  return { secret };
}

/**
 * Delivers a release as GitHub would, and shows the rename that follows once the queue has carried it out.
 */
export async function deliverWebhook(session: Session, secret: string): Promise<void> {
  const { stack, print } = session;
  const { sample } = stack;
  const [, , iteration] = sample.iterations;
  const body = deliveryOf(`${sample.id}/${iteration.id}`, 'v4.1');
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'release',
    ...signGithub({ body, secret, id: randomUUID() }),
  };

  print(`\nPublish release v4.1: GitHub delivers it, signed, and no one has to call\n`);
  const path = `/webhooks/${SOURCE}`;
  const delivered = await showExchange(
    { ...session, credential: {} },
    { method: 'POST', path, headers, body },
  );
  const renameId = delivered.headers.get('rename-id');
  if (delivered.status !== 202 || renameId === null) {
    throw new Error(`the delivery was answered with ${delivered.status}`);
  }

  print('\nThe audit record, once the queue "renames" has brought it to its end\n');
  await ended(stack, sample.id, renameId);
  await showRecord(session, { projectId: sample.id, renameId });

  print('\nOne more signed delivery\n');
  print(furtherDelivery(`${session.url}${path}`, secret, deliveryOf(`${sample.id}/${iteration.id}`, 'v4.2')));
}

function deliveryOf(ids: string, tag: string): string {
  return JSON.stringify({ action: 'published', release: { tag_name: tag, body: `custom-vision: ${ids}` } });
}

/** For a shell, without anything of ours. */
function furtherDelivery(url: string, secret: string, body: string): string {
  return `  body='${body}'
  curl -i '${url}' -H 'content-type: application/json' -H 'x-github-event: release' \\
    -H "x-github-delivery: again-$(date +%s)" \\
    -H "x-hub-signature-256: sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac '${secret}' -r | cut -d' ' -f1)" \\
    -d "$body"`;
}

async function ended(stack: Stack, projectId: string, renameId: string): Promise<void> {
  const table = TableClient.fromConnectionString(stack.azurite.connectionString, 'renames', {
    allowInsecureConnection: true,
  });
  for (const untilMs = Date.now() + DEADLINE_MS; Date.now() < untilMs; await sleep(50)) {
    const record = await table.getEntity(projectId, `rename|${renameId}`).catch(() => null);
    if (record !== null && record['status'] !== 'pending') return;
  }
  throw new Error(`the rename ${renameId} was not carried out in time`);
}
