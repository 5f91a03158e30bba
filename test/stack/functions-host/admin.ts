import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invocations } from './invocation.ts';
import type { IsAuthorized } from './keys.ts';
import { queueInput, type QueuedMessage } from './queue-input.ts';
import type { RegisteredFunction } from './registry.ts';
import { timerInput } from './timers.ts';

export interface AdminOptions {
  functions: RegisteredFunction[];
  invocations: Invocations;
  isAuthorized: IsAuthorized;
  now: () => number;
}

/**
 * The host's own API, guarded by the master key: `POST /admin/functions/{name}` runs a function that is not triggered by HTTP.
 * It answers 202 at once, with the invocation's id: https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
export function createAdmin(
  options: AdminOptions,
): (request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse) => boolean {
  const { functions, invocations, isAuthorized, now } = options;

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

  return (request, url, body, response) => {
    if (!/^\/admin(\/|$)/i.test(url.pathname)) return false;
    const end = (status: number, headers: Record<string, string> = {}, text = ''): true => {
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(text)) });
      response.end(text);
      return true;
    };
    if (!isAuthorized(request, url, 'admin')) return end(401);
    if (request.method === 'GET' && url.pathname === '/admin/host/status') {
      return end(200, { 'content-type': 'application/json' }, JSON.stringify({ state: 'Running' }));
    }
    const name = /^\/admin\/functions\/([^/]+)$/i.exec(url.pathname)?.[1]?.toLowerCase();
    const registered = functions.find((one) => one.name.toLowerCase() === name);
    if (request.method !== 'POST' || registered === undefined) return end(404);
    if (registered.trigger.type === 'httpTrigger') return end(400);
    const input = manualInput(body);
    if (input === null) return end(400);
    return end(202, { 'x-ms-invocation-id': run(registered, input) });
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
