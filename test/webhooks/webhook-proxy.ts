import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionApp } from '../stack/function-app.ts';
import {
  type RecordRow,
  type RenameProxy,
  resolved,
  type SeededIteration,
  startRenameProxy,
  WITH_QUEUE,
} from '../functions/rename-proxy.ts';
import type { StackOptions } from '../stack/stack.ts';
import { signGithub, signMlflow, signStandardWebhook } from './sign.ts';

/** One plain mapping for every source: the tests are about delivery, not about expressions. */
export const PLAIN_MAPPING =
  'iterationId ? $sift($, function($v, $k) { $k in ["projectId", "iterationId", "name", "resource"] })';

/** On some deliveries it needs more than it is allowed: its pattern backtracks without end, and so on. */
const CARELESS_MAPPING = `wild ? $match(wild, /^(a+)+$/)
  : heavy ? ($f := function($x) { $f($x + 1) }; $f(1))
  : vast ? $uppercase($reduce([1..28], function($a, $i) { $a & $a }, "x"))
  : long ? $pad("x", 9000)
  : (${PLAIN_MAPPING})`;

export const SECRETS = {
  standard: `whsec_${randomBytes(24).toString('base64')}`,
  github: 'a secret of GitHub, not base64',
  mlflow: 'a secret of MLflow: käse',
};

export const SIGN = { standard: signStandardWebhook, github: signGithub, mlflow: signMlflow };

export interface DeliveryOptions {
  source?: 'standard' | 'github' | 'mlflow';
  body: unknown;
  id?: string;
  atMs?: number;
  secret?: string;
  headers?: Record<string, string>;
  app?: FunctionApp;
}

export interface WebhookAnswer {
  status: number;
  headers: Headers;
  text: string;
  renameId: string;
}

export interface WebhookProxy extends RenameProxy {
  deliver(options: DeliveryOptions): Promise<WebhookAnswer>;
  /** Waits until the record has ended; rejects after `withinMs`. */
  ended(iteration: SeededIteration, renameId: string, withinMs?: number): Promise<RecordRow>;
}

const GRANTS = [
  { caller: 'function-key', projects: ['*'], resources: ['*'], may: ['rename', 'read'] },
  { caller: 'webhook:standard', projects: ['*'], resources: ['*'], may: ['rename'] },
  { caller: 'webhook:github', projects: ['*'], resources: ['*'], names: '[^!]*', may: ['rename'] },
  { caller: 'webhook:mlflow', projects: ['*'], resources: ['*'], may: ['rename'] },
  { caller: 'webhook:events', projects: ['*'], resources: ['*'], names: '[^!]*', may: ['rename'] },
];

export async function startWebhookProxy(options: StackOptions = {}): Promise<WebhookProxy> {
  const proxy = await startRenameProxy({
    ...options,
    settings: {
      WEBHOOK_SOURCES: JSON.stringify({
        standard: { scheme: 'standard-webhooks', secret: 'standard-secret', rename: CARELESS_MAPPING },
        github: { scheme: 'github', secret: 'github-secret', rename: PLAIN_MAPPING },
        mlflow: { scheme: 'mlflow', secret: 'mlflow-secret', rename: PLAIN_MAPPING },
        ungranted: { scheme: 'github', secret: 'github-secret', rename: PLAIN_MAPPING },
        secretless: { scheme: 'github', secret: 'no-such-secret', rename: PLAIN_MAPPING },
        'secretless-too': { scheme: 'github', secret: 'no-such-secret-either', rename: PLAIN_MAPPING },
        events: { scheme: 'cloud-events', rename: 'data.iterationId ? data' },
      }),
      ACCESS_POLICY: JSON.stringify(GRANTS),
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.2',
      ...WITH_QUEUE,
      ...options.settings,
    },
  });
  const { keyVault } = proxy.stack;
  keyVault.setSecret('standard-secret', SECRETS.standard);
  keyVault.setSecret('github-secret', SECRETS.github);
  keyVault.setSecret('mlflow-secret', SECRETS.mlflow);

  return {
    ...proxy,
    async deliver({
      source = 'standard',
      id = randomUUID(),
      atMs = Date.now(),
      app = proxy.app,
      ...delivery
    }) {
      const body = typeof delivery.body === 'string' ? delivery.body : JSON.stringify(delivery.body);
      const secret = delivery.secret ?? SECRETS[source];
      return post(app, `/webhooks/${source}`, body, {
        ...SIGN[source]({ body, secret, id, atMs }),
        ...delivery.headers,
      });
    },
    async ended({ projectId }, renameId, withinMs = 30_000) {
      const deadlineMs = Date.now() + withinMs;
      for (;;) {
        const found = (await proxy.records(projectId)).find(({ rowKey }) => rowKey === `rename|${renameId}`);
        if (found !== undefined && found['status'] !== 'pending') return found;
        if (Date.now() > deadlineMs) {
          throw new Error(
            `the record ${renameId} has not ended: ${String(found?.['status'])}\n${proxy.app.output()}`,
          );
        }
        await sleep(50);
      }
    },
  };
}

export async function post(
  app: FunctionApp,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<WebhookAnswer> {
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  });
  return {
    status: response.status,
    headers: resolved(response),
    text: await response.text(),
    renameId: response.headers.get('rename-id') ?? '',
  };
}
