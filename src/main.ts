import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';
import { createAccessPolicy } from './callers/access-policy.ts';
import { createEntraAuthentication } from './callers/entra.ts';
import { createEntraKeySet, type EntraKeySet } from './callers/entra-key-set.ts';
import { createFetchKeySet } from './callers/fetch-key-set.ts';
import { createFunctionKeyAuthentication } from './callers/function-key.ts';
import { createSendRequest } from './outbound/send-request.ts';
import { reachEndpoint } from './custom-vision/reach-endpoint.ts';
import { createUpstream } from './custom-vision/upstream-client.ts';
import { registerDescribeApi } from './functions/describe-api-function.ts';
import { registerListRenames } from './functions/list-renames-function.ts';
import { registerSweepRenames } from './functions/sweep-renames-function.ts';
import { registerRenameIteration } from './functions/rename-iteration-function.ts';
import { registerReportHealth } from './functions/report-health-function.ts';
import { registerShowRename } from './functions/show-rename-function.ts';
import { createReadHealth } from './observability/read-health.ts';
import { createGetSecret } from './key-vault/secret-client.ts';
import { createTrainingKeys } from './key-vault/training-keys.ts';
import { logEvent } from './observability/log-event.ts';
import { createManagedIdentity } from './outbound/managed-identity.ts';
import { createRateLimit } from './rename/rate-limit.ts';
import { createRenames } from './rename/create-renames.ts';
import { createSweepRenames } from './rename/recovery/sweep-renames.ts';
import { createRenameId } from './rename/rename-id.ts';
import { createRenameTimings } from './rename/rename-timings.ts';
import { parseSettings } from './settings/parse-settings.ts';
import type { StorageConnection } from './settings/settings.ts';
import { hasExpressions } from './settings/setting-expressions.ts';
import type { QueueConnection } from './storage-queue/queue-client.ts';
import { createAuditLog } from './table-storage/audit-log-table.ts';
import { createRenameHistory } from './table-storage/rename-history-table.ts';
import { createRenamesTable } from './table-storage/renames-table.ts';
import { PROJECTS_PARTITION } from './table-storage/row-keys.ts';
import { createTableClient } from './table-storage/table-client.ts';
import { createUnfinishedRenames } from './table-storage/unfinished-renames.ts';

const expressions = hasExpressions(process.env) ? await import('./expressions/expression.ts') : null;
const settings = parseSettings(process.env, expressions?.expressionFault);
const now = Date.now;
const timings = createRenameTimings(settings.upstreamTimeoutMs);

const getSecret = createGetSecret({
  vaultUri: settings.keyVaultUri,
  credential: createManagedIdentity(settings.clientId),
});
const trainingKeys = createTrainingKeys({
  getSecret,
  ttlMs: settings.trainingKeyTtlMs,
  now,
  report: (event) => logEvent(console, event),
});
const sendRequest = createSendRequest();
const upstream = createUpstream({
  resources: settings.resources,
  trainingKeys,
  sendRequest,
  timeoutMs: settings.upstreamTimeoutMs,
  now,
});

const { storage } = settings;
const table = createRenamesTable(
  createTableClient(
    storage.kind === 'connection-string'
      ? storage
      : { ...storage, credential: createManagedIdentity(storage.clientId) },
  ),
  sendRequest,
);
const log = createAuditLog({ table, newOwner: randomUUID });

const rateLimit = createRateLimit({
  maxRenamesPerSecond: settings.upstreamMaxRenamesPerSecond,
  random: Math.random,
});
const newRenameId = (nowMs: number) => createRenameId(nowMs, tenRandomBytes());
const renames = createRenames({ log, upstream, rateLimit, timings, now, sleep, newRenameId });

const { callerAuthentication } = settings;
const callers = {
  authLevel: callerAuthentication.kind === 'entra' ? 'anonymous' : 'function',
  authenticate:
    callerAuthentication.kind === 'entra'
      ? createEntraAuthentication({ ...callerAuthentication, keySet: entraKeySet(callerAuthentication), now })
      : createFunctionKeyAuthentication(),
  policy: createAccessPolicy(settings.accessPolicy),
} as const;
registerRenameIteration({ ...callers, resources: settings.resources, rename: renames.rename });

const history = createRenameHistory({ table });
registerListRenames({ ...callers, history });
registerShowRename({ ...callers, history });

registerDescribeApi({ callerAuthentication: callerAuthentication.kind });

const resources = [...settings.resources.values()];
registerReportHealth({
  readHealth: createReadHealth({
    checks: {
      keyVault: () =>
        Promise.all(resources.map(({ trainingKeySecret }) => trainingKeys.get(trainingKeySecret))),
      auditTable: () => table.find(PROJECTS_PARTITION, 'health'),
      customVision: () =>
        Promise.all(
          resources.map(({ endpoint }) => reachEndpoint(endpoint, sendRequest, settings.upstreamTimeoutMs)),
        ),
    },
    now,
    sleep,
  }),
});
registerSweepRenames({
  sweep: createSweepRenames({
    unfinished: createUnfinishedRenames({ table }),
    settle: renames.settle,
    timings,
    now,
    sleep,
  }),
});

const isNotified = resources.some(({ notificationQueue }) => notificationQueue !== null);
if (settings.webhookSources.size > 0 || isNotified) {
  // What these need takes a while to load, and an app that is only called over HTTP starts without it.
  const { registerQueuedRenames } = await import('./main-queued.ts');
  registerQueuedRenames({
    settings,
    connection: queueConnection(storage),
    callers,
    table,
    upstream,
    carryOut: renames.carryOut,
    giveUp: renames.giveUp,
    getSecret,
    newRenameId,
    now,
    report: (event) => logEvent(console, event),
  });
}

logEvent(console, {
  event: 'app_started',
  resources: [...settings.resources.keys()],
  callerAuthentication: callerAuthentication.kind,
});
app.hook.appTerminate(() => rateLimit.stop());
warmUp();

/** From a UUID, without the digits that are its version: Node keeps a pool for those, and asks the system for each `randomBytes`. */
function tenRandomBytes(): Buffer {
  const uuid = randomUUID();
  return Buffer.from(`${uuid.slice(0, 8)}${uuid.slice(24)}`, 'hex');
}

/** Fetches, while the host still gets ready, what the first rename would wait for; where that fails, the rename tries again by itself. */
function warmUp(): void {
  for (const { trainingKeySecret } of resources) trainingKeys.get(trainingKeySecret).catch(() => {});
  // A token, where it takes one, and a connection, by a transaction as all of them are; its row never exists, so it changes nothing.
  table.transact([['delete', { partitionKey: PROJECTS_PARTITION, rowKey: 'warm-up' }]]).catch(() => {});
}

function entraKeySet({ authority, tenantId }: { authority: string; tenantId: string }): EntraKeySet {
  const keySet = createEntraKeySet({ fetchKeySet: createFetchKeySet({ authority, tenantId }), now });
  keySet.refresh().catch(() => {}); // ready before the first request; where it fails, that request tries again
  return keySet;
}

function queueConnection(connection: StorageConnection): QueueConnection {
  if (connection.kind === 'connection-string') return connection;
  const { queueServiceUri, clientId } = connection;
  return {
    kind: 'managed-identity',
    queueServiceUri: queueServiceUri ?? '',
    credential: createManagedIdentity(clientId),
  };
}
