import type { RenameIntent } from '../audit-record.ts';
import type { Upstream, UpstreamReading } from '../upstream.ts';

/** Between the two looks that must agree before a rename that may have been heard is taken for one that was not. */
const SECOND_LOOK_AFTER_MS = 2000;

/** Looks at the iteration of a rename whose sender is gone. */
export interface LookAtIteration {
  once(intent: RenameIntent, traceparent: string | null): Promise<UpstreamReading>;
  /** The reading that decides: the first where it shows the requested name or tells nothing, else a second one, some seconds later. */
  twice(intent: RenameIntent, traceparent: string | null): Promise<UpstreamReading>;
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

  async function twice(intent: RenameIntent, traceparent: string | null): Promise<UpstreamReading> {
    const first = await once(intent, traceparent);
    if (first.kind !== 'iteration' || showsName(first, intent)) return first;
    await sleep(SECOND_LOOK_AFTER_MS);
    return once(intent, traceparent);
  }
}

export function showsName(reading: UpstreamReading, { requestedName }: RenameIntent): boolean {
  return reading.kind === 'iteration' && reading.iteration.name === requestedName;
}
