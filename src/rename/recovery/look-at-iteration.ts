import type { RenameIntent } from '../audit-record.ts';
import type { Upstream, UpstreamReading } from '../upstream.ts';

/**
 * Between the two looks that must agree before a rename that may have been sent is taken for one that was not
 * applied.
 */
const SECOND_LOOK_AFTER_MS = 2000;

/** Two readings, some seconds apart; one where the first shows the requested name or tells nothing. */
export interface Looks {
  readonly first: UpstreamReading;
  /** The reading that decides. */
  readonly last: UpstreamReading;
}

/** Reads the iteration of a rename whose sender is gone. */
export interface LookAtIteration {
  once(intent: RenameIntent, traceparent: string | null): Promise<UpstreamReading>;
  twice(intent: RenameIntent, traceparent: string | null): Promise<Looks>;
}

export function createLookAtIteration({
  upstream,
  sleep,
}: {
  readonly upstream: Upstream;
  readonly sleep: (ms: number) => Promise<void>;
}): LookAtIteration {
  return { once, twice };

  async function once(intent: RenameIntent, traceparent: string | null): Promise<UpstreamReading> {
    const call = upstream.call(intent, traceparent);
    const reading = await call.read();
    call.abandon();
    return reading;
  }

  async function twice(intent: RenameIntent, traceparent: string | null): Promise<Looks> {
    const first = await once(intent, traceparent);
    if (first.kind !== 'iteration' || first.iteration.name === intent.requestedName) {
      return { first, last: first };
    }
    await sleep(SECOND_LOOK_AFTER_MS);
    return { first, last: await once(intent, traceparent) };
  }
}
