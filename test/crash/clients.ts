import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionApp } from '../stack/function-app.ts';
import { iterationPath } from '../functions/rename-proxy.ts';
import { signStandardWebhook } from '../webhooks/sign.ts';
import type { Asked, Attempt } from './evidence.ts';
import type { Instances } from './instances.ts';
import type { RepeatPolicy } from './repeat-policies.ts';
import { ANSWER_TIMEOUT_MS, SOURCE } from './settings.ts';

/** The clients. Each attempt goes to a running instance and is listed with its answer. */
export interface Clients {
  /** Sends one request, to any instance where none is given. */
  readonly attempt: (asked: Asked, app?: FunctionApp) => Promise<Told>;
  /** Sends the request, and repeats it while a repetition is safe and can tell more. */
  readonly persist: (asked: Asked) => Promise<void>;
  /** Sends the request, and repeats it as an SDK does by itself. */
  readonly repeat: (asked: Asked, policy: RepeatPolicy, app?: FunctionApp) => Promise<void>;
  /** Lists an attempt that `send` makes with the given `traceparent`. */
  readonly list: (
    asked: Asked,
    send: (traceparent: string) => Promise<Answer | null>,
  ) => Promise<{ readonly answer: Answer | null; readonly told: Told }>;
}

export interface Told extends Attempt {
  readonly retryAfterMs: number | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const PAUSE_MS = 400;
const EXTRA_FOR_SENDERS_MS = 60_000;
/** Nothing was renamed, so a client may repeat the request even without a key. */
const WITHOUT_EFFECT = [409, 429, 503];
const EFFECT_UNKNOWN = [null, 500, 502, 504];

export function createClients({
  instances,
  webhookSecret,
  next,
  timeoutMs = 30_000,
}: {
  readonly instances: Pick<Instances, 'pick'>;
  readonly webhookSecret: string;
  /** Numbers the attempts in the order of all that happens. */
  readonly next: () => number;
  /** How long `persist` repeats. */
  readonly timeoutMs?: number;
}): Clients {
  return { attempt, persist, repeat, list };

  async function attempt(asked: Asked, app?: FunctionApp): Promise<Told> {
    const chosen = app ?? (await instances.pick());
    return (await list(asked, (traceparent) => send(asked, chosen, traceparent))).told;
  }

  async function list(
    asked: Asked,
    sendWith: (traceparent: string) => Promise<Answer | null>,
  ): Promise<{ answer: Answer | null; told: Told }> {
    const traceId = randomBytes(16).toString('hex');
    const startedSeq = next();
    const startedMs = Date.now();
    const answer = await sendWith(`00-${traceId}-${randomBytes(8).toString('hex')}-01`);
    const retryAfter = answer?.headers.get('retry-after') ?? null;
    const told = {
      traceId,
      startedSeq,
      endedSeq: next(),
      tookMs: Date.now() - startedMs,
      status: answer?.status ?? null,
      renameId: answer?.headers.get('rename-id') ?? null,
      name: nameIn(answer?.text ?? ''),
      retryAfterMs: retryAfter === null ? null : Number(retryAfter) * 1000,
    };
    asked.attempts.push(told);
    return { answer, told };
  }

  async function repeat(
    asked: Asked,
    { retries, isRepeated, delayMs }: RepeatPolicy,
    app?: FunctionApp,
  ): Promise<void> {
    for (let retry = 0; ; retry += 1) {
      const { status, retryAfterMs } = await attempt(asked, app);
      if (retry === retries || !isRepeated(status)) return;
      await sleep(delayMs(retry, retryAfterMs));
    }
  }

  async function persist(asked: Asked): Promise<void> {
    const untilMs = Date.now() + timeoutMs;
    const again = asked.key === null ? WITHOUT_EFFECT : [...WITHOUT_EFFECT, ...EFFECT_UNKNOWN];
    // A sender without any answer goes on for longer: on a busy machine a start alone takes many seconds.
    const goesOn = () =>
      Date.now() < untilMs ||
      (asked.by === 'sender' &&
        asked.attempts.every(({ status }) => status === null) &&
        Date.now() < untilMs + EXTRA_FOR_SENDERS_MS);
    while (goesOn()) {
      const { status, retryAfterMs } = await attempt(asked);
      if (!again.includes(status) || (status === 409 && retryAfterMs === null)) return;
      await sleep(PAUSE_MS);
    }
  }

  async function send(
    { by, projectId, iterationId, name, key, undoes }: Asked,
    app: FunctionApp,
    traceparent: string,
  ) {
    const headers = { 'content-type': 'application/json', traceparent };
    if (by === 'sender') {
      const body = JSON.stringify({ projectId, iterationId, name });
      const signed = signStandardWebhook({ body, secret: webhookSecret, id: key ?? '', atMs: Date.now() });
      return exchange(`${app.url}/webhooks/${SOURCE}`, 'POST', { ...headers, ...signed }, body);
    }
    if (undoes !== undefined) {
      const path = `/projects/${projectId}/renames/${undoes}/undo`;
      return exchange(`${app.url}${path}`, 'POST', { traceparent, 'x-functions-key': app.functionKey }, '');
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

export async function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<Answer | null> {
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
