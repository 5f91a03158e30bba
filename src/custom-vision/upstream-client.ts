import type {
  Upstream,
  UpstreamAnswer,
  UpstreamCall,
  UpstreamReading,
  UpstreamTarget,
} from '../rename/upstream.ts';
import type { Exchange, SendRequest } from '../outbound/send-request.ts';
import { parseIteration, parseRefusal, parseRetryAfterMs } from './iteration-answer.ts';

/** A training key, and the means to notice it where it must not be. */
export interface TrainingKey {
  readonly value: string;
  appearsIn(text: string): boolean;
}

/** Both throw where no key can be had. */
export interface TrainingKeys {
  get(secretName: string): Promise<TrainingKey>;
  /** The key that has replaced `refused`, or `refused` itself where the vault knows none newer. */
  replacementFor(secretName: string, refused: TrainingKey): Promise<TrainingKey>;
}

export interface UpstreamResource {
  readonly endpoint: URL;
  readonly trainingKeySecret: string;
}

/** One for all: a fresh one for each rename would take a stack trace that nobody reads. */
const ABANDONED = new Error('nobody waits for the answer any more');
const REQUEST_ID_HEADERS = ['apim-request-id', 'x-ms-request-id', 'request-id'];
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The Custom Vision training API, as far as a rename needs it: one GET, one PATCH. */
export function createUpstream({
  resources,
  trainingKeys,
  sendRequest,
  timeoutMs,
  now,
}: {
  readonly resources: ReadonlyMap<string, UpstreamResource>;
  readonly trainingKeys: TrainingKeys;
  readonly sendRequest: SendRequest;
  /** For all requests of one call together. */
  readonly timeoutMs: number;
  readonly now: () => number;
}): Upstream {
  return { call: (target, traceparent) => createCall(target, traceparent) };

  function createCall(target: UpstreamTarget, traceparent: string | null): UpstreamCall {
    const resource = resources.get(target.resource);
    const abort = new AbortController();
    let timer: NodeJS.Timeout | null = null;
    let url: URL | null = null;

    return { read, rename, abandon };

    async function read(): Promise<UpstreamReading> {
      await afterThisTurn();
      const exchanged = await exchangeWithKey('GET', null, () => true);
      if (exchanged.kind !== 'answered' || exchanged.leaks) return { kind: 'unavailable' };
      if (exchanged.status === 404) return { kind: 'absent' };
      if (exchanged.status !== 200) return { kind: 'unavailable' };
      const iteration = parseIteration(exchanged.text, target.iterationId);
      return iteration === null ? { kind: 'unavailable' } : { kind: 'iteration', iteration };
    }

    async function rename(name: string, maySend: () => boolean): Promise<UpstreamAnswer> {
      const exchanged = await exchangeWithKey('PATCH', JSON.stringify({ name }), maySend);
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
        const iteration = parseIteration(text, target.iterationId);
        if (iteration === null || iteration.name !== name) {
          return { ...said, kind: 'faulty', status, fault: 'not_an_iteration' };
        }
        return { ...said, kind: 'renamed', status, iteration: leaks ? null : iteration };
      }
      const refusal = leaks ? parseRefusal(status, null) : parseRefusal(status, text);
      if (status === 401) return { ...said, kind: 'key_refused', refusal };
      if (status === 429) {
        const retryAfterMs = parseRetryAfterMs(exchanged.header('retry-after'), now());
        return { ...said, kind: 'throttled', refusal, retryAfterMs };
      }
      return leaks ? { ...said, kind: 'refusal_withheld', status } : { ...said, kind: 'refused', refusal };
    }

    function abandon(): void {
      if (timer !== null) clearTimeout(timer);
      abort.abort(ABANDONED);
    }

    /** Sends a request with the resource's key; once more with the key that has replaced it, where the first is refused. */
    async function exchangeWithKey(
      method: 'GET' | 'PATCH',
      body: string | null,
      maySend: () => boolean,
    ): Promise<ExchangeWithKey> {
      let attempts = 0;
      const notSent = (reason: NotSentReason): ExchangeWithKey => ({ kind: 'not_sent', reason, attempts });
      if (resource === undefined) return notSent('training_key_unavailable');
      let key;
      try {
        key = await trainingKeys.get(resource.trainingKeySecret);
      } catch {
        return notSent('training_key_unavailable'); // the vault client has reported why
      }
      if (!maySend()) return notSent('too_late');
      const used = [key];
      let exchanged = await send(method, resource, key, body);
      if (exchanged.kind !== 'not_sent') attempts += 1;
      if (exchanged.kind === 'answered' && exchanged.status === 401) {
        const newer = await trainingKeys.replacementFor(resource.trainingKeySecret, key).catch(() => null);
        if (newer !== null && newer.value !== key.value && maySend()) {
          used.push(newer);
          const second = await send(method, resource, newer, body);
          if (second.kind !== 'not_sent') {
            attempts += 1;
            exchanged = second;
          }
        }
      }
      if (exchanged.kind === 'not_sent') return notSent('unreachable');
      if (exchanged.kind === 'no_answer') return { kind: 'no_answer', attempts };
      return { ...exchanged, attempts, leaks: showsAny(used, exchanged) };
    }

    function send(
      method: 'GET' | 'PATCH',
      { endpoint }: UpstreamResource,
      key: TrainingKey,
      body: string | null,
    ): Promise<Exchange> {
      timer ??= setTimeout(() => abort.abort(new Error('the upstream timeout has passed')), timeoutMs);
      url ??= iterationUrl(endpoint, target);
      return sendRequest({
        method,
        url,
        headers: {
          accept: 'application/json',
          'training-key': key.value,
          ...(body === null ? {} : { 'content-type': 'application/json' }),
          ...(traceparent === null ? {} : { traceparent }),
        },
        body,
        signal: abort.signal,
      });
    }
  }
}

/**
 * What the caller begins beside a reading goes out first: nobody waits for the reading, and its request would take a tenth of a
 * millisecond ahead of the record's.
 */
function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type NotSentReason = 'training_key_unavailable' | 'unreachable' | 'too_late';
type ExchangeWithKey = { readonly attempts: number } & (
  | (Extract<Exchange, { kind: 'answered' }> & { readonly leaks: boolean })
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'not_sent'; readonly reason: NotSentReason }
);

/** Every part of the path is checked before it comes here; encoding each once more costs nothing and cannot bend it. */
export function iterationUrl(endpoint: URL, { apiVersion, projectId, iterationId }: UpstreamTarget): URL {
  const [version, project, iteration] = [apiVersion, projectId, iterationId].map(encodeURIComponent);
  return new URL(`/customvision/${version}/training/projects/${project}/iterations/${iteration}`, endpoint);
}

function requestIdOf(answered: Extract<Exchange, { kind: 'answered' }>): string | null {
  const ids = REQUEST_ID_HEADERS.map((name) => answered.header(name));
  return ids.find((id) => id !== null && REQUEST_ID.test(id)) ?? null;
}

function showsAny(keys: readonly TrainingKey[], answered: Extract<Exchange, { kind: 'answered' }>): boolean {
  const shown = [answered.text ?? '', ...REQUEST_ID_HEADERS.map((name) => answered.header(name) ?? '')];
  return keys.some((key) => shown.some((text) => key.appearsIn(text)));
}
