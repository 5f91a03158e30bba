import type { Line } from './compare-latency.ts';

const RENAMES = 1_000_000;
/** An instance's memory, as in `infra/`. */
const INSTANCE_GB = 2;

/**
 * A million renames in the units that are billed: storage transactions (each REST request is one, an
 * entity-group transaction too:
 * https://learn.microsoft.com/archive/blogs/windowsazurestorage/understanding-windows-azure-storage-billing-bandwidth-transactions-and-capacity),
 * executions, and the memory of the instances for as long as any function runs on them, in GB-seconds
 * (https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#billing).
 */
export function costOfAMillion({
  storagePerRename,
  alone,
  together,
}: {
  readonly storagePerRename: number;
  /** One rename after the other, and 32 at once, at the service's usual latency. */
  readonly alone: Line;
  readonly together: Line;
}): Record<string, number> {
  const gbSeconds = (secondsPerRename: number) => Math.round(RENAMES * secondsPerRename * INSTANCE_GB);
  return {
    'storage transactions': RENAMES * storagePerRename,
    executions: RENAMES,
    'GB-seconds, each rename alone on its instance': gbSeconds(alone.medianMs / 1000),
    'GB-seconds, 32 at once': gbSeconds(1 / together.perSecond),
    'GB-seconds that are CPU time': gbSeconds(alone.cpuMsPerRename / 1000),
  };
}
