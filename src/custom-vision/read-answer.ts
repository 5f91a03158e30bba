import type { UpstreamAnswer, UpstreamReading } from '../rename/upstream.ts';
import type { KeyedExchange } from './exchange-with-key.ts';
import { parseIteration, parseRefusal, parseRetryAfterMs } from './iteration-answer.ts';
import { requestIdOf } from './request-id.ts';

/** Reads the answer to a GET. Ignores an answer that shows the key. */
export function readReading(exchanged: KeyedExchange, iterationId: string): UpstreamReading {
  if (exchanged.kind !== 'answered' || exchanged.leaks) return { kind: 'unavailable' };
  if (exchanged.status === 404) return { kind: 'absent' };
  if (exchanged.status !== 200) return { kind: 'unavailable' };
  const iteration = parseIteration(exchanged.text, iterationId);
  return iteration === null ? { kind: 'unavailable' } : { kind: 'iteration', iteration };
}

/** Reads the answer to a PATCH. Keeps only the status of an answer that shows the key. */
export function readRenameAnswer(
  exchanged: KeyedExchange,
  { iterationId, name, nowMs }: { iterationId: string; name: string; nowMs: number },
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
    if (iteration === null || iteration.name !== name) {
      return { ...said, kind: 'faulty', status, fault: 'not_an_iteration' };
    }
    return { ...said, kind: 'renamed', status, iteration: leaks ? null : iteration };
  }
  const refusal = parseRefusal(status, leaks ? null : text);
  if (status === 401) return { ...said, kind: 'key_refused', refusal };
  if (status === 429) {
    const retryAfterMs = parseRetryAfterMs(exchanged.header('retry-after'), nowMs);
    return { ...said, kind: 'throttled', refusal, retryAfterMs };
  }
  return leaks ? { ...said, kind: 'refusal_withheld', status } : { ...said, kind: 'refused', refusal };
}
