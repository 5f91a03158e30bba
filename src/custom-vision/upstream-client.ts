import type { SendRequest } from '../outbound/send-request.ts';
import type { Upstream, UpstreamCall, UpstreamTarget } from '../rename/upstream.ts';
import type { TrainingKeys } from './exchange-with-key.ts';
import { iterationUrl } from './iteration-url.ts';
import { createKeyedCall, type UpstreamResource } from './keyed-call.ts';
import { readReading, readRenameAnswer } from './read-answer.ts';

/** The part of the Custom Vision training API that a rename needs: one GET, one PATCH. */
export function createUpstream({
  resources,
  now,
  ...outside
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
    const url = resource === undefined ? null : iterationUrl(resource.endpoint, target);
    const keyed = createKeyedCall({ ...outside, resource, traceparent });
    const { iterationId } = target;

    return {
      async read() {
        const exchanged = await keyed.exchange({ method: 'GET', url, body: null }, () => true);
        return readReading(exchanged, { iterationId, nowMs: now() });
      },
      async rename(name, maySend) {
        const exchanged = await keyed.exchange(
          { method: 'PATCH', url, body: JSON.stringify({ name }) },
          maySend,
        );
        return readRenameAnswer(exchanged, { iterationId, nowMs: now() });
      },
      abandon: () => keyed.abandon(),
    };
  }
}
