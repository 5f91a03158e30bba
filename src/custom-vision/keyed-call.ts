import type { SendRequest } from '../outbound/send-request.ts';
import { exchangeWithKey, type KeyedExchange, type TrainingKeys } from './exchange-with-key.ts';

export interface UpstreamResource {
  readonly endpoint: URL;
  readonly trainingKeySecret: string;
}

/** What is asked of the upstream. A `url` of null is no address of it: nothing is sent. */
export interface KeyedRequest {
  readonly method: 'GET' | 'PATCH';
  readonly url: URL | null;
  readonly body: string | null;
  readonly maxResponseBytes?: number;
}

/** One conversation with the upstream; its requests share one time limit. */
export interface KeyedCall {
  /** Never rejects. `maySend` is asked before each request. */
  exchange(request: KeyedRequest, maySend: () => boolean): Promise<KeyedExchange>;
  /** Gives up whatever is still under way. */
  abandon(): void;
}

/** Shared: a new error for each call would cost a stack trace. */
const ABANDONED = new Error('the caller has abandoned the call');

/** A call with the training key of a resource, in JSON, to be told apart in the upstream's traces. */
export function createKeyedCall({
  resource,
  traceparent,
  trainingKeys,
  sendRequest,
  timeoutMs,
}: {
  readonly resource: UpstreamResource | undefined;
  readonly traceparent: string | null;
  readonly trainingKeys: TrainingKeys;
  readonly sendRequest: SendRequest;
  /** For all requests together, from the first one on. */
  readonly timeoutMs: number;
}): KeyedCall {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | null = null;

  return {
    async exchange({ url, body, ...request }, maySend) {
      if (resource === undefined) {
        return { kind: 'not_sent', reason: 'training_key_unavailable', attempts: 0 };
      }
      if (url === null) return { kind: 'not_sent', reason: 'unreachable', attempts: 0 };
      return exchangeWithKey({
        secretName: resource.trainingKeySecret,
        trainingKeys,
        maySend,
        send(key) {
          timer ??= setTimeout(() => abort.abort(new Error('the upstream timeout has passed')), timeoutMs);
          return sendRequest({
            ...request,
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
    },
    abandon() {
      if (timer !== null) clearTimeout(timer);
      abort.abort(ABANDONED);
    },
  };
}
