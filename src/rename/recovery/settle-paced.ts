import type { Lease } from '../audit-log.ts';
import { goingOnAfter } from './going-on-after.ts';

/**
 * A settling takes up to two looks at the iteration: so a resource gets two of them a second, of the ten
 * calls that the service allows. What a resumed rename sends beside them is under the rate limit, as every
 * rename is.
 */
const START_EVERY_MS = 1000;
/** Of one resource, while each is slow. */
const MAX_AT_ONCE = 32;

/** Settles leases until a moment on the monotonic clock; resolves when all that were started have ended. */
export type SettlePaced = (
  leases: readonly Lease[],
  settle: (lease: Lease) => Promise<boolean>,
  untilMs: number,
) => Promise<{ readonly settled: number; readonly failed: number }>;

/**
 * Those of different resources are settled side by side. Within a resource one is started each second,
 * however long the ones before it take, and the next call goes on behind the one that was started last.
 */
export function createSettlePaced({
  monotonic,
  sleep,
}: {
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SettlePaced {
  const lastStarted = new Map<string | null, string>();

  return async function settlePaced(leases, settle, untilMs) {
    let settled = 0;
    let failed = 0;
    const byResource = Map.groupBy(leases, ({ resource }) => resource);
    await Promise.all([...byResource].map(([resource, own]) => settleOfResource(resource, own)));
    return { settled, failed };

    async function settleOfResource(resource: string | null, own: readonly Lease[]): Promise<void> {
      const running = new Set<Promise<void>>();
      for (const lease of goingOnAfter(lastStarted.get(resource) ?? '', own, keyOf)) {
        if (running.size >= MAX_AT_ONCE) await Promise.race(running);
        if (monotonic() > untilMs) break;
        lastStarted.set(resource, keyOf(lease));
        const one = settleOne(lease).finally(() => running.delete(one));
        running.add(one);
        await sleep(START_EVERY_MS);
      }
      await Promise.all(running);
    }

    async function settleOne(lease: Lease): Promise<void> {
      try {
        if (await settle(lease)) settled += 1;
      } catch {
        failed += 1; // the lock stands, so a later sweep tries again
      }
    }
  };
}

/** Where a lease stands among all. */
export const keyOf = ({ projectId, iterationId }: Lease): string => `${projectId} ${iterationId}`;
