import type { AuditLog, HeldLock, OpenRename } from './audit-log.ts';
import type { RenameOutcome } from './audit-record.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameTimings } from './timings.ts';
import type { RenamedIteration, Upstream, UpstreamReading } from './upstream.ts';

/** Settles the abandoned rename behind a lock; true where the lock is gone afterwards, whoever settled it. */
export type SettleRename = (lock: HeldLock, report: ReportRenameEvent) => Promise<boolean>;

/** Between the two readings that must agree before a rename is called not applied. */
const SECOND_READING_AFTER_MS = 2000;
/** After this long without a way to find out, a person has to. */
const UNRESOLVED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Finds out what became of a rename whose sender is gone, by reading the iteration, and completes its record. */
export function createSettleRename({
  log,
  upstream,
  timings,
  now,
  sleep,
}: {
  readonly log: Pick<AuditLog, 'reopen' | 'complete' | 'newestSucceededName'>;
  readonly upstream: Upstream;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SettleRename {
  return async function settleRename(lock, report) {
    // The versions are taken before the reading: if the sender, or another sweep, writes meanwhile, ours is refused.
    const open = await log.reopen(lock);
    if (open === null) return true;
    const ageMs = now() - Date.parse(open.intent.requestedAt);
    if (ageMs < timings.quarantineMs) return false;

    const found = await findOut(open);
    if (found === null && ageMs < UNRESOLVED_AFTER_MS) return false;
    const status = found?.status ?? 'unresolved';
    const outcome: RenameOutcome = {
      status,
      previousName: found === null ? null : await previousNameOf(open, found),
      completedAt: new Date(now()).toISOString(),
      durationMs: now() - Date.parse(open.intent.requestedAt),
      attempts: null,
      upstreamStatus: null,
      upstreamCode: null,
      upstreamMessage: null,
      upstreamRequestId: null,
      evidence: found === null ? null : 'state',
    };
    const iteration = found?.status === 'succeeded' ? found.iteration : null;
    if (await log.complete(open, outcome, iteration)) {
      const { renameId, resource, projectId, iterationId } = open.intent;
      report({ event: 'rename_settled', renameId, status, ageMs });
      if (found === null) {
        report({ event: 'rename_unresolved', renameId, resource, projectId, iterationId, ageMs });
      }
    }
    return true;
  };

  async function findOut(open: OpenRename): Promise<Found | null> {
    const first = await read(open);
    if (first.kind !== 'iteration') return null;
    if (first.iteration.name === open.intent.requestedName) {
      return { status: 'succeeded', iteration: first.iteration };
    }
    await sleep(SECOND_READING_AFTER_MS);
    const second = await read(open);
    if (second.kind !== 'iteration') return null;
    const shows = second.iteration.name === open.intent.requestedName;
    return { status: shows ? 'succeeded' : 'not_applied', iteration: second.iteration };
  }

  async function read({ intent }: OpenRename): Promise<UpstreamReading> {
    const call = upstream.call(intent, null);
    const reading = await call.read();
    call.abandon();
    return reading;
  }

  async function previousNameOf({ intent }: OpenRename, found: Found): Promise<string | null> {
    if (found.status === 'not_applied') return found.iteration.name;
    return log.newestSucceededName(intent).catch(() => null);
  }
}

interface Found {
  readonly status: 'succeeded' | 'not_applied';
  readonly iteration: RenamedIteration;
}
