import type { SendRequest } from '../outbound/send-request.ts';
import type { Upstream, UpstreamCall, UpstreamTarget } from '../rename/upstream.ts';
import { exchangeWithKey, type KeyedExchange, type TrainingKeys } from './exchange-with-key.ts';
import { iterationUrl } from './iteration-url.ts';
import { readReading, readRenameAnswer } from './read-answer.ts';

export interface UpstreamResource {
  readonly endpoint: URL;
  readonly trainingKeySecret: string;
}

/** Shared: a new error for each call would cost a stack trace. */
const ABANDONED = new Error('the caller has abandoned the call');

/** The part of the Custom Vision training API that a rename needs: one GET, one PATCH. */
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
  return { call };

  function call(target: UpstreamTarget, traceparent: string | null): UpstreamCall {
    const resource = resources.get(target.resource);
    const abort = new AbortController();
    let timer: NodeJS.Timeout | null = null;

    return {
      async read() {
        const exchanged = await exchange('GET', null, () => true);
        return readReading(exchanged, { iterationId: target.iterationId, nowMs: now() });
      },
      async rename(name, maySend) {
        const exchanged = await exchange('PATCH', JSON.stringify({ name }), maySend);
        return readRenameAnswer(exchanged, { iterationId: target.iterationId, nowMs: now() });
      },
      abandon() {
        if (timer !== null) clearTimeout(timer);
        abort.abort(ABANDONED);
      },
    };

    async function exchange(
      method: 'GET' | 'PATCH',
      body: string | null,
      maySend: () => boolean,
    ): Promise<KeyedExchange> {
      if (resource === undefined)
        return { kind: 'not_sent', reason: 'training_key_unavailable', attempts: 0 };
      const url = iterationUrl(resource.endpoint, target);
      if (url === null) return { kind: 'not_sent', reason: 'unreachable', attempts: 0 };
      return exchangeWithKey({
        secretName: resource.trainingKeySecret,
        trainingKeys,
        maySend,
        send(key) {
          timer ??= setTimeout(() => abort.abort(new Error('the upstream timeout has passed')), timeoutMs);
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
        },
      });
    }
  }
}
