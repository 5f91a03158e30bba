import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionApp } from '../stack/function-app.ts';
import { iterationPath } from '../functions/rename-proxy.ts';
import { signStandardWebhook } from '../webhooks/sign.ts';
import type { Asked, Attempt } from './evidence.ts';
import type { Instances } from './instances.ts';

/** The clients. Each attempt goes to a running instance and is listed with its answer. */
export interface Clients {
  /** Sends one request. */
  readonly attempt: (asked: Asked) => Promise<Attempt>;
  /** Sends the request, and repeats it while a repetition is safe and can tell more. */
  readonly persist: (asked: Asked) => Promise<void>;
}

/** The webhook source that the harness sets up. */
export const SOURCE = 'registry';

const ANSWER_TIMEOUT_MS = 10_000;
const PAUSE_MS = 400;
/** Nothing was renamed, so a client may repeat the request even without a key. */
const WITHOUT_EFFECT = [409, 429, 503];
const EFFECT_UNKNOWN = [null, 500, 502, 504];

export function createClients({
  instances,
  webhookSecret,
  timeoutMs = 30_000,
}: {
  readonly instances: Pick<Instances, 'pick'>;
  readonly webhookSecret: string;
  /** How long `persist` repeats. */
  readonly timeoutMs?: number;
}): Clients {
  return { attempt, persist };

  async function attempt(asked: Asked): Promise<Attempt> {
    const app = await instances.pick();
    const traceId = randomBytes(16).toString('hex');
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
    const answer = await send(asked, app, traceparent);
    const made = {
      traceId,
      status: answer?.status ?? null,
      renameId: answer?.headers.get('rename-id') ?? null,
      name: nameIn(answer?.text ?? ''),
    };
    asked.attempts.push(made);
    return made;
  }

  async function persist(asked: Asked): Promise<void> {
    const untilMs = Date.now() + timeoutMs;
    const again = asked.key === null ? WITHOUT_EFFECT : [...WITHOUT_EFFECT, ...EFFECT_UNKNOWN];
    while (Date.now() < untilMs) {
      const { status } = await attempt(asked);
      if (!again.includes(status)) return;
      await sleep(PAUSE_MS);
    }
  }

  async function send(
    { by, projectId, iterationId, name, key }: Asked,
    app: FunctionApp,
    traceparent: string,
  ) {
    const headers = { 'content-type': 'application/json', traceparent };
    if (by === 'sender') {
      const body = JSON.stringify({ projectId, iterationId, name });
      const signed = signStandardWebhook({ body, secret: webhookSecret, id: key ?? '', atMs: Date.now() });
      return exchange(`${app.url}/webhooks/${SOURCE}`, 'POST', { ...headers, ...signed }, body);
    }
    return exchange(
      `${app.url}${iterationPath(projectId, iterationId)}`,
      'PATCH',
      {
        ...headers,
        'x-functions-key': app.functionKey,
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      JSON.stringify({ name }),
    );
  }
}

async function exchange(url: string, method: string, headers: Record<string, string>, body: string) {
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    return null; // the instance was killed before it answered
  }
}

function nameIn(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const name: unknown = typeof value === 'object' && value !== null && 'name' in value ? value.name : null;
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}
