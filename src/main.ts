import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';
import { createAccessPolicy, matchNothing } from './callers/access-policy.ts';
import { createRecheckQueuedRename } from './callers/recheck-queued-rename.ts';
import { reachEndpoint } from './custom-vision/reach-endpoint.ts';
import { watchAccess } from './custom-vision/watch-access.ts';
import { createUpstream } from './custom-vision/upstream-client.ts';
import { createEvaluatorPool } from './expressions/evaluator-pool.ts';
import { registerCarryOutRename } from './functions/carry-out-rename-function.ts';
import { registerDescribeApi } from './functions/describe-api-function.ts';
import { registerListRenames } from './functions/list-renames-function.ts';
import { registerRenameIteration } from './functions/rename-iteration-function.ts';
import { registerReportHealth } from './functions/report-health-function.ts';
import { registerSettlePoisonedRename } from './functions/settle-poisoned-rename-function.ts';
import { registerShowRename } from './functions/show-rename-function.ts';
import { registerSweepRenames } from './functions/sweep-renames-function.ts';
import { registerUndoRename } from './functions/undo-rename-function.ts';
import { registerUnservedPath } from './functions/unserved-path-function.ts';
import { createGetSecret } from './key-vault/secret-client.ts';
import { createTrainingKeys } from './key-vault/training-keys.ts';
import { createAuthentication } from './main-callers.ts';
import { registerLookUpFunctions } from './main-look-ups.ts';
import { registerConsole } from './main-console.ts';
import type { ComposedQueue } from './main-queued.ts';
import { type LogEvent, logEvent } from './observability/log-event.ts';
import { createReadHealth } from './observability/read-health.ts';
import { createManagedIdentity } from './outbound/managed-identity.ts';
import { createSendRequest } from './outbound/send-request.ts';
import { createRenames } from './rename/create-renames.ts';
import { createAcceptRename } from './rename/queued/accept-rename.ts';
import type { RenameQueue } from './rename/queued/queued-rename.ts';
import { createRateLimit } from './rename/rate-limit.ts';
import { createSweepRenames } from './rename/recovery/sweep-renames.ts';
import { createRenameId } from './rename/rename-id.ts';
import { createRenameTimings } from './rename/rename-timings.ts';
import { parseSettings } from './settings/parse-settings.ts';
import { hasExpressions, hasNamePatterns } from './settings/setting-expressions.ts';
import { createAcceptedLog, createAuditLog } from './table-storage/audit-log-table.ts';
import { createRenameHistory } from './table-storage/rename-history-table.ts';
import { createRenamesTable } from './table-storage/renames-table.ts';
import { PROJECTS_PARTITION } from './table-storage/row-keys.ts';
import { createTableClient } from './table-storage/table-client.ts';
import { createUnfinishedRenames } from './table-storage/unfinished-renames.ts';

// Settings: loading JSONata and RE2 is slow, so an app without expressions or patterns skips them.
const expressions = hasExpressions(process.env) ? await import('./expressions/expression.ts') : null;
const namePatterns = hasNamePatterns(process.env) ? await import('./callers/name-pattern.ts') : null;
const settings = parseSettings(process.env, expressions?.expressionFault, namePatterns?.compileNames);
const { storage } = settings;
const resources = [...settings.resources.values()];
const now = Date.now;
/**
 * No correction of the clock moves it: every decision about time rests on it, or on the table's own clock.
 */
const monotonic = () => Math.trunc(performance.now());
const report = (event: LogEvent) => logEvent(console, event);

// Clients of Key Vault, Custom Vision and Table Storage.
const getSecret = createGetSecret({
  vaultUri: settings.keyVaultUri,
  credential: createManagedIdentity(settings.clientId),
  now,
});
const trainingKeys = createTrainingKeys({ getSecret, ttlMs: settings.trainingKeyTtlMs, now, sleep, report });
const sendRequest = createSendRequest();
const { upstream, check: checkAccess } = watchAccess(
  createUpstream({
    resources: settings.resources,
    trainingKeys,
    sendRequest,
    timeoutMs: settings.upstreamTimeoutMs,
    now,
  }),
  monotonic,
);
const table = createRenamesTable(
  createTableClient(
    storage.kind === 'connection-string'
      ? storage
      : { ...storage, credential: createManagedIdentity(storage.clientId) },
  ),
  monotonic,
);

// The core.
const timings = createRenameTimings(settings.upstreamTimeoutMs);
const rateLimit = createRateLimit({
  maxRenamesPerSecond: settings.upstreamMaxRenamesPerSecond,
  random: Math.random,
  monotonic,
  sleep,
});
const newRenameId = (nowMs: number) => createRenameId(nowMs, randomBytes(10));
const auditLog = { table, newOwner: randomUUID, now, monotonic };
const log = createAuditLog(auditLog);
const accepted = createAcceptedLog(auditLog);
const policy = createAccessPolicy(settings.accessPolicy, namePatterns?.compileNames ?? matchNothing);
const recheck = createRecheckQueuedRename({ resources: settings.resources, policy });
const renames = createRenames({
  log,
  accepted,
  recheck,
  upstream,
  rateLimit,
  timings,
  now,
  monotonic,
  sleep,
  newRenameId,
  reportLate: report, // the host drops what an invocation logs after its end
});

const evaluator = createEvaluatorPool({ report, monotonic });

// The functions that every app has.
const callers = {
  ...createAuthentication(settings, { getSecret, now, sleep, report }),
  policy,
};
registerRenameIteration({ ...callers, resources: settings.resources, rename: renames.rename });
registerLookUpFunctions(settings, { ...callers, trainingKeys, sendRequest, rateLimit, now });

const history = createRenameHistory({ table });
registerListRenames({ ...callers, history });
registerShowRename({ ...callers, history });
registerUndoRename({ ...callers, resources: settings.resources, history, rename: renames.rename });

registerUnservedPath();
if (settings.console !== null) registerConsole(settings.console);
registerDescribeApi({ callerAuthentication: settings.callerAuthentication.kind });

const checks = {
  keyVault: () => Promise.all(resources.map(({ trainingKeySecret }) => trainingKeys.get(trainingKeySecret))),
  auditTable: () => table.find(PROJECTS_PARTITION, 'health'),
  customVision: () =>
    Promise.all([
      checkAccess(),
      ...resources.map(({ endpoint }) => reachEndpoint(endpoint, sendRequest, settings.upstreamTimeoutMs)),
    ]),
  ...(expressions === null ? {} : { expressions: evaluator.check }),
};
registerReportHealth({ readHealth: createReadHealth({ checks, now, sleep }) });

let composing: Promise<ComposedQueue> | null = null;
// Queued renames: loading their packages is slow, so each waits for its first message.
const queue = {
  enqueue: async (...message: Parameters<RenameQueue['enqueue']>) =>
    (await queued()).queue.enqueue(...message),
};
registerCarryOutRename({ receive: async (message) => (await queued()).receive(message) });
registerSettlePoisonedRename({ receive: async (message) => (await queued()).receivePoisoned(message) });
registerSweepRenames({
  sweep: createSweepRenames({
    unfinished: createUnfinishedRenames({ table, accepted, now }),
    queue,
    settle: renames.settle,
    timings,
    monotonic,
    sleep,
  }),
});
const isNotified = resources.some(({ notificationQueue }) => notificationQueue !== null);
if (settings.webhookSources.size > 0 || isNotified) {
  const { registerSources } = await import('./main-queued.ts');
  const accept = createAcceptRename({ log: accepted, queue, now, newRenameId });
  registerSources({ settings, callers, evaluator, upstream, accept, getSecret, now, report });
}

report({
  event: 'app_started',
  resources: [...settings.resources.keys()],
  callerAuthentication: settings.callerAuthentication.kind,
  console: settings.console?.signIn ?? [],
});
app.hook.appTerminate(() => rateLimit.stop());

// Warm-up: fetches what the first rename would wait for. A failure here is harmless, since the rename fetches
// again.
for (const { trainingKeySecret } of resources) trainingKeys.get(trainingKeySecret).catch(() => {});
// Opens a connection, and gets a token if storage needs one. The row never exists, so the transaction changes
// nothing.
table.transact([['delete', { partitionKey: PROJECTS_PARTITION, rowKey: 'warm-up' }]]).catch(() => {});

/** Composed once, with the first message. */
function queued() {
  composing ??= import('./main-queued.ts').then(({ composeQueue }) =>
    composeQueue({ storage, carryOut: renames.carryOut, giveUp: renames.giveUp }),
  );
  return composing;
}
