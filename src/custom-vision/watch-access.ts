import type { Upstream, UpstreamAnswer } from '../rename/upstream.ts';

/** Without a further rename, a refusal says this long that the next one would be refused, too. */
const REFUSAL_COUNTS_MS = 5 * 60_000;

/** An upstream that remembers whether it refuses this app's own access. */
export interface WatchedUpstream {
  readonly upstream: Upstream;
  /** Rejects while the renames of any resource end with such a refusal. */
  readonly check: () => Promise<void>;
}

export function watchAccess(upstream: Upstream, monotonic: () => number): WatchedUpstream {
  const refusedAtMs = new Map<string, number>();

  return {
    upstream: {
      call(target, traceparent) {
        const call = upstream.call(target, traceparent);
        return {
          ...call,
          async rename(name, maySend) {
            const answer = await call.rename(name, maySend);
            note(target.resource, answer);
            return answer;
          },
        };
      },
    },
    async check() {
      for (const atMs of refusedAtMs.values()) {
        if (monotonic() - atMs < REFUSAL_COUNTS_MS) throw new Error('the upstream refuses access');
      }
    },
  };

  function note(resource: string, { kind }: UpstreamAnswer): void {
    if (kind === 'access_refused') refusedAtMs.set(resource, monotonic());
    else if (kind === 'renamed' || kind === 'refused') refusedAtMs.delete(resource);
  }
}
