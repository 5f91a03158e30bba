import type { UpstreamCall, UpstreamReading } from './upstream.ts';

/**
 * How long a finished rename waits for the reading of the name before it; a rename is never slower than that
 * for it.
 */
const GRACE_MS = 250;

/** Begins to read the iteration; asked for it, gives what was read, and waits for it only so long. */
export function readBefore(
  call: Pick<UpstreamCall, 'read'>,
  sleep: (ms: number) => Promise<void>,
): () => Promise<UpstreamReading | null> {
  let settled = false;
  const reading = call.read().finally(() => {
    settled = true;
  });
  return () => (settled ? reading : Promise.race([reading, sleep(GRACE_MS).then(() => null)]));
}
