import type { UpstreamAnswer, UpstreamReading } from '../rename/upstream.ts';
import type { KeyedExchange } from './exchange-with-key.ts';
import { isGatewayError, parseIteration, parseRefusal, parseRetryAfterMs } from './iteration-answer.ts';
import { requestIdOf } from './request-id.ts';

/** Reads the answer to a GET. Ignores an answer that shows the key. */
export function readReading(
  exchanged: KeyedExchange,
  { iterationId, nowMs }: { iterationId: string; nowMs: number },
): UpstreamReading {
  if (exchanged.kind !== 'answered' || exchanged.leaks) return { kind: 'unavailable' };
  if (exchanged.status === 404) return { kind: 'absent' };
  if (exchanged.status === 429) {
    return { kind: 'throttled', retryAfterMs: parseRetryAfterMs(exchanged.header('retry-after'), nowMs) };
  }
  if (exchanged.status !== 200) return { kind: 'unavailable' };
  const iteration = parseIteration(exchanged.text, iterationId);
  if (iteration === null) return { kind: 'unavailable' };
  const answeredAtMs = Date.parse(exchanged.header('date') ?? '');
  return { kind: 'iteration', iteration, answeredAtMs: Number.isNaN(answeredAtMs) ? null : answeredAtMs };
}

/** Reads the answer to a PATCH. Keeps only the status of an answer that shows the key. */
export function readRenameAnswer(
  exchanged: KeyedExchange,
  { iterationId, nowMs }: { iterationId: string; nowMs: number },
): UpstreamAnswer {
  const { attempts } = exchanged;
  if (exchanged.kind === 'not_sent') {
    return { kind: 'not_sent', reason: exchanged.reason, attempts, requestId: null };
  }
  if (exchanged.kind === 'no_answer') return { kind: 'no_answer', attempts, requestId: null };
  const { status, text, leaks } = exchanged;
  const said = { attempts, requestId: leaks ? null : requestIdOf(exchanged) };
  if (status >= 300 && status < 400) return { ...said, kind: 'faulty', status, fault: 'redirect' };
  if (status < 200 || status >= 500) return { ...said, kind: 'faulty', status, fault: 'server_error' };
  if (status < 300) {
    const iteration = parseIteration(text, iterationId);
    if (iteration === null) return { ...said, kind: 'faulty', status, fault: 'not_an_iteration' };
    // The service took the name, whatever form it gave it.
    return {
      ...said,
      kind: 'renamed',
      status,
      appliedName: iteration.name,
      iteration: leaks ? null : iteration,
    };
  }
  // The service, or a gateway before it, gave up waiting: the rename may have been applied.
  if (status === 408) return { ...said, kind: 'faulty', status, fault: 'request_timeout' };
  const refusal = parseRefusal(status, leaks ? null : text);
  if (status === 429) {
    const retryAfterMs = parseRetryAfterMs(exchanged.header('retry-after'), nowMs);
    return { ...said, kind: 'throttled', refusal, retryAfterMs };
  }
  if (isAboutAccess(status, text)) return { ...said, kind: 'access_refused', refusal };
  return leaks ? { ...said, kind: 'refusal_withheld', status } : { ...said, kind: 'refused', refusal };
}

/**
 * About our key, a firewall or a quota: neither the service's own refusal of what was asked nor the caller's
 * mistake.
 */
export function isAboutAccess(status: number, text: string | null): boolean {
  return status === 401 || status === 403 || isGatewayError(text);
}
