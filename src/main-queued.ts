import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessPolicy } from './callers/access-policy.ts';
import type { Authenticate } from './callers/authenticate.ts';
import type { EvaluatorPool } from './expressions/evaluator-pool.ts';
import { createExpression, type Evaluate } from './expressions/expression.ts';
import { registerAllowEvents } from './functions/allow-events-function.ts';
import { registerNameTrainedIteration } from './functions/name-trained-iteration-function.ts';
import { registerReceiveEvents } from './functions/receive-events-function.ts';
import { registerReceiveWebhook } from './functions/receive-webhook-function.ts';
import { registerReportPoisonedNotification } from './functions/report-poisoned-notification-function.ts';
import { createCachedSecrets, type GetSecret, type KeyVaultEvent } from './key-vault/cached-secrets.ts';
import { createReportOnceAMinute } from './key-vault/report-once-a-minute.ts';
import { createManagedIdentity } from './outbound/managed-identity.ts';
import type { AcceptRename } from './rename/queued/accept-rename.ts';
import type { CarryOutRename } from './rename/queued/carry-out-rename.ts';
import type { GiveUpRename } from './rename/queued/give-up-rename.ts';
import type { RenameQueue } from './rename/queued/queued-rename.ts';
import type { Upstream } from './rename/upstream.ts';
import type { Settings, StorageConnection } from './settings/settings.ts';
import { createQueueClient, type QueueConnection } from './storage-queue/queue-client.ts';
import { RENAMES_QUEUE } from './storage-queue/queue-names.ts';
import { createReceivePoisonedRename } from './storage-queue/receive-poisoned-rename.ts';
import {
  createReceiveQueuedRename,
  type ReceiveQueuedRename,
} from './storage-queue/receive-queued-rename.ts';
import { createRenameQueue } from './storage-queue/rename-queue.ts';
import { createSendMessage } from './storage-queue/send-message.ts';
import { createNameTrainedIteration } from './training/name-trained-iteration.ts';
import { createReceiveNotification } from './training/receive-notification.ts';
import { createMapDelivery } from './webhooks/map-delivery.ts';
import { createReceiveEvents, parseCloudEvents, parseJsonDelivery } from './webhooks/receive-events.ts';
import { createReceiveSignedDelivery, type MappedSource } from './webhooks/receive-signed-delivery.ts';
import { createVerifyDelivery } from './webhooks/verify-delivery.ts';
import { parseWebhookSecret } from './webhooks/webhook-secret.ts';

/** What `main.ts` has composed already. */
interface Composed {
  readonly settings: Settings;
  readonly callers: {
    readonly authLevel: 'anonymous' | 'function';
    readonly authenticate: Authenticate;
    readonly policy: AccessPolicy;
  };
  readonly evaluator: EvaluatorPool;
  readonly upstream: Upstream;
  readonly accept: AcceptRename;
  readonly getSecret: GetSecret;
  readonly now: () => number;
  readonly report: (event: KeyVaultEvent) => void;
}

interface Shared extends Composed {
  readonly createEvaluate: (source: string, expression: string) => Evaluate;
}

export interface ComposedQueue {
  readonly queue: RenameQueue;
  readonly receive: ReceiveQueuedRename;
  readonly receivePoisoned: ReceiveQueuedRename;
}

/** The queue of accepted renames, loaded with its first message. */
export function composeQueue({
  storage,
  carryOut,
  giveUp,
}: {
  readonly storage: StorageConnection;
  readonly carryOut: CarryOutRename;
  readonly giveUp: GiveUpRename;
}): ComposedQueue {
  const queue = createRenameQueue({ client: createQueueClient(queueConnection(storage), RENAMES_QUEUE) });
  const receive = createReceiveQueuedRename({ carryOut, queue });
  return { queue, receive, receivePoisoned: createReceivePoisonedRename({ receive, giveUp }) };
}

/**
 * The functions of webhook sources and notification queues: `main.ts` loads them only for an app that has
 * any.
 */
export function registerSources(composed: Composed): void {
  const createEvaluate = (source: string, expression: string) =>
    createExpression(source, expression, composed.evaluator);
  registerWebhooks({ ...composed, createEvaluate });
  registerNotifications({ ...composed, createEvaluate });
}

function registerWebhooks({ settings, callers, accept, createEvaluate, ...outside }: Shared): void {
  const { getSecret, now, report } = outside;
  const { policy } = callers;
  const signed = new Map<string, MappedSource>();
  const cloudEvents = new Set<string>();
  for (const [name, source] of settings.webhookSources) {
    const map = createMapDelivery({
      evaluate: createEvaluate(`webhook:${name}`, source.rename),
      resources: settings.resources,
    });
    if (source.scheme !== 'cloud-events' && source.scheme !== 'json') {
      signed.set(name, { ...source, map });
      continue;
    }
    if (source.scheme === 'cloud-events') cloudEvents.add(name);
    const parse = source.scheme === 'json' ? parseJsonDelivery : parseCloudEvents;
    const receive = createReceiveEvents({ ...callers, source: name, parse, map, accept });
    registerReceiveEvents({ source: name, authLevel: callers.authLevel, receive });
  }
  if (cloudEvents.size > 0) registerAllowEvents({ sources: cloudEvents });

  const secrets = createCachedSecrets({
    getSecret,
    parse: parseWebhookSecret,
    expected: 'webhook secret: one line, or two during a rotation, none of them empty',
    ttlMs: settings.trainingKeyTtlMs,
    now,
    sleep,
    report: createReportOnceAMinute({ report, now }),
  });
  const verify = createVerifyDelivery({ secrets, now });
  // Registered without a signed source too: its catch-all route answers 404 for an unknown source.
  registerReceiveWebhook({
    receive: createReceiveSignedDelivery({ sources: signed, verify, policy, accept }),
  });
}

function registerNotifications({ settings, callers, upstream, accept, createEvaluate, now }: Shared): void {
  for (const [resource, { endpoint, notificationQueue, iterationName }] of settings.resources) {
    if (notificationQueue === null || iterationName === null) continue;
    const nameTrainedIteration = createNameTrainedIteration({
      resource,
      endpoint,
      iterationName: createEvaluate(`training:${resource}`, iterationName),
      upstream,
      policy: callers.policy,
      accept,
    });
    const client = createQueueClient(queueConnection(settings.storage), notificationQueue);
    const requeue = createSendMessage({ client });
    const receive = createReceiveNotification({ resource, nameTrainedIteration, requeue, now });
    registerNameTrainedIteration({ resource, queueName: notificationQueue, receive });
    registerReportPoisonedNotification({ resource, queueName: notificationQueue });
  }
}

function queueConnection(storage: StorageConnection): QueueConnection {
  if (storage.kind === 'connection-string') return storage;
  const { queueServiceUri, clientId } = storage;
  return {
    kind: 'managed-identity',
    queueServiceUri,
    credential: createManagedIdentity(clientId),
  };
}
