import { randomUUID } from 'node:crypto';
import type { HttpAnswer } from './http1/http-answer.ts';
import type { RequestBody } from './http1/request-body.ts';
import type { RequestHead } from './http1/request-head.ts';
import type { Invocations } from './invocation.ts';
import type { KeyLevel, KeyRing } from './keys.ts';
import { queueInput, type QueuedMessage } from './queue-input.ts';
import type { RegisteredFunction } from './registry.ts';
import { timerInput } from './timers.ts';

export interface AdminOptions {
  functions: RegisteredFunction[];
  invocations: Invocations;
  keys: KeyRing;
  now: () => number;
}

/** Answers what belongs to the host itself; null when the path is none of its. */
export type Admin = (request: {
  head: RequestHead;
  body: RequestBody;
  key: string;
}) => Promise<HttpAnswer | null>;

/**
 * The host's own API, guarded by the master key: `POST /admin/functions/{name}` runs a function that is not
 * triggered by HTTP. It answers 202 at once, with the invocation's id:
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
export function createAdmin({ functions, invocations, keys, now }: AdminOptions): Admin {
  const run = (registered: RegisteredFunction, input: string): string => {
    const invocationId = randomUUID();
    const trigger =
      registered.trigger.type === 'timerTrigger'
        ? timerInput({ isPastDue: false, nowMs: now() })
        : queueInput(manualMessage({ text: input, nowMs: now() }));
    invocations
      .invoke({
        ...trigger,
        function: registered,
        invocationId,
        reason: 'This function was programmatically called via the host APIs.',
      })
      // The log tells how it ended; the caller of this API never learns.
      .catch(() => {});
    return invocationId;
  };

  const invoke = async (name: string, body: RequestBody): Promise<HttpAnswer> => {
    const input = manualInput(await body.read());
    if (input === null) return { status: 400 };
    const registered = functions.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (registered === undefined) return { status: 404 };
    if (registered.trigger.type === 'httpTrigger') return { status: 400 };
    return { status: 202, headers: { 'x-ms-invocation-id': run(registered, input) } };
  };

  return async ({ head: { method, path }, body, key }) => {
    if (/^\/admin\/host\/ping$/i.test(path)) return { status: 200 };
    // A route of the app's own below `/admin/` is reached where the host has nothing of that name.
    if (!/^\/(?:admin\/(?:host|functions|vfs|zip|instance)|runtime\/webhooks)(?:\/|$)/i.test(path))
      return null;
    const refusal = REFUSALS[keys.level({ key, functionName: '' })];
    if (refusal !== null) return refusal;

    const name = /^\/admin\/functions\/([^/]+)$/i.exec(path)?.[1];
    if (name !== undefined && method === 'POST') return invoke(name, body);
    if (method !== 'GET') return { status: 404 };
    if (/^\/admin\/host\/status$/i.test(path)) return json({ state: 'Running' });
    if (/^\/admin\/functions$/i.test(path)) return json(functions.map((one) => ({ name: one.name })));
    return { status: 404 };
  };
}

const REFUSALS: Readonly<Record<KeyLevel, HttpAnswer | null>> = {
  none: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
  function: { status: 403 },
  admin: null,
};

function json(value: unknown): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** `{ "input": "..." }`; a body is required, though it may be `{}`. */
function manualInput(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null) return null;
    return 'input' in parsed && typeof parsed.input === 'string' ? parsed.input : '';
  } catch {
    return null;
  }
}

function manualMessage({ text, nowMs }: { text: string; nowMs: number }): QueuedMessage {
  return {
    text,
    id: randomUUID(),
    popReceipt: 'manual',
    dequeueCount: 1,
    insertedOn: new Date(nowMs),
    expiresOn: new Date(nowMs + 7 * 86_400_000),
    nextVisibleOn: new Date(nowMs),
  };
}
