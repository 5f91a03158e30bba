import type { AccessPolicy } from './callers/access-policy.ts';
import type { Authenticate } from './callers/authenticate.ts';
import { registerCarryOutRename } from './functions/carry-out-rename-function.ts';
import { registerNameTrainedIteration } from './functions/name-trained-iteration-function.ts';
import { registerReceiveEvents } from './functions/receive-events-function.ts';
import { registerReceiveWebhook, type ReceivedSource } from './functions/receive-webhook-function.ts';
import { registerSettlePoisonedRename } from './functions/settle-poisoned-rename-function.ts';
import { createCachedSecrets, type GetSecret, type KeyVaultEvent } from './key-vault/cached-secrets.ts';
import type { CarryOutRename } from './rename/queued/carry-out-rename.ts';
import type { GiveUpRename } from './rename/queued/give-up-rename.ts';
import { createAcceptRename } from './rename/queued/accept-rename.ts';
import type { Upstream } from './rename/upstream.ts';
import type { Settings } from './settings/settings.ts';
import { createQueueClient, type QueueConnection, RENAMES_QUEUE } from './storage-queue/queue-client.ts';
import { createRenameQueue } from './storage-queue/rename-queue.ts';
import { createDeliveryClaims } from './table-storage/delivery-claims.ts';
import type { RenamesTable } from './table-storage/renames-table.ts';
import { createNameTrainedIteration } from './training/name-trained-iteration.ts';
import { createEvaluatorProcess } from './expressions/evaluator-process.ts';
import { createExpression } from './expressions/expression.ts';
import { createMapDelivery, type MapDelivery } from './webhooks/map-delivery.ts';
import { createVerifyDelivery } from './webhooks/verify-delivery.ts';
import { parseWebhookSecret } from './webhooks/webhook-secret.ts';

/** The part of the composition root for renames that nobody waits for; loaded only where a webhook source or a notification queue is set up. */
export function registerQueuedRenames({
  settings,
  connection,
  callers,
  table,
  upstream,
  carryOut,
  giveUp,
  getSecret,
  newRenameId,
  now,
  report,
}: {
  readonly settings: Settings;
  readonly connection: QueueConnection;
  readonly callers: {
    readonly authLevel: 'anonymous' | 'function';
    readonly authenticate: Authenticate;
    readonly policy: AccessPolicy;
  };
  readonly table: RenamesTable;
  readonly upstream: Upstream;
  readonly carryOut: CarryOutRename;
  readonly giveUp: GiveUpRename;
  readonly getSecret: GetSecret;
  readonly newRenameId: (nowMs: number) => string;
  readonly now: () => number;
  readonly report: (event: KeyVaultEvent) => void;
}): void {
  const { resources, webhookSources } = settings;
  const queue = createRenameQueue({ client: createQueueClient(connection, RENAMES_QUEUE) });
  registerCarryOutRename({ carryOut, queue });
  registerSettlePoisonedRename({ giveUp });

  const accept = createAcceptRename({ claims: createDeliveryClaims({ table }), queue, now, newRenameId });
  const secrets = createCachedSecrets({
    getSecret,
    parse: parseWebhookSecret,
    expected: 'webhook secret: one line, or two while it is rotated, of which none is empty',
    ttlMs: settings.trainingKeyTtlMs,
    now,
    report,
  });
  const evaluateInProcess = createEvaluatorProcess();
  const signed = new Map<string, ReceivedSource>();
  const events = new Map<string, MapDelivery>();
  for (const [name, { scheme, secret, rename }] of webhookSources) {
    const map = createMapDelivery({ evaluate: createExpression(rename, evaluateInProcess), resources });
    if (scheme === 'cloud-events') events.set(name, map);
    else signed.set(name, { scheme, secret: secret ?? '', map });
  }
  registerReceiveWebhook({
    sources: signed,
    verify: createVerifyDelivery({ secrets, now }),
    policy: callers.policy,
    accept,
  });
  // The catch-all of signed sources answers 404 for what neither knows.
  if (events.size > 0) registerReceiveEvents({ ...callers, sources: events, accept });

  for (const [resource, { endpoint, notificationQueue, iterationName }] of resources) {
    if (notificationQueue === null || iterationName === null) continue;
    const evaluate = createExpression(iterationName, evaluateInProcess);
    const named = { resource, endpoint, iterationName: evaluate };
    registerNameTrainedIteration({
      resource,
      queueName: notificationQueue,
      nameTrainedIteration: createNameTrainedIteration({
        ...named,
        upstream,
        policy: callers.policy,
        queue,
        now,
      }),
    });
  }
}
