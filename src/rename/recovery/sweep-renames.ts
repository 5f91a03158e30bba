import type { RenamePointer, RenameQueue } from '../queued/queued-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenameTimings } from '../rename-timings.ts';
import { createFindWork, type UnfinishedRenames } from './find-work.ts';
import type { SettleRename } from './settle-rename.ts';
import { createSettlePaced, keyOf } from './settle-paced.ts';

export type SweepRenames = (report: ReportRenameEvent) => Promise<void>;

/** The next sweep goes on where this one stops. */
const MAX_LISTING_MS = 20_000;
/**
 * Below the five minutes that the host allows a function. Longer than the minute between two sweeps: at the
 * end of each, a resource is idle while the last settlings, each of which takes up to a lease, come to an
 * end.
 */
const MAX_SWEEP_MS = 4 * 60_000;

/**
 * Settles every rename whose lease has expired, and enqueues again what was accepted and never begun. Any
 * number of sweeps may run at once: versions make all but one of them harmless. A fault in one project leaves
 * the others alone.
 */
export function createSweepRenames({
  unfinished,
  queue,
  settle,
  timings,
  monotonic,
  sleep,
}: {
  readonly unfinished: UnfinishedRenames;
  readonly queue: RenameQueue;
  readonly settle: SettleRename;
  readonly timings: Pick<RenameTimings, 'leaseMs'>;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SweepRenames {
  const findWork = createFindWork({ unfinished, monotonic });
  const settlePaced = createSettlePaced({ monotonic, sleep });

  return async function sweepRenames(report) {
    const startedMs = monotonic();
    const found = await findWork(startedMs + MAX_LISTING_MS);
    const untilMs = startedMs + MAX_SWEEP_MS - timings.leaseMs;
    const due = found.due.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const [enqueued, { settled, failed }] = await Promise.all([
      enqueueLost(found.lost, untilMs),
      settlePaced(due, (lease) => settle(lease, report), untilMs),
    ]);
    const { projects, failedProjects, locks, oldestAgeMs } = found;
    const durationMs = monotonic() - startedMs;
    const counts = { projects, failedProjects, locks, settled, failed, enqueued };
    report({ event: 'sweep_completed', ...counts, oldestAgeMs, durationMs });
  };

  async function enqueueLost(lost: readonly RenamePointer[], untilMs: number): Promise<number> {
    let enqueued = 0;
    for (const pointer of lost) {
      if (monotonic() > untilMs) break;
      try {
        await queue.enqueue(pointer, 0);
      } catch {
        break; // it is the same queue for all of them: a later sweep enqueues them
      }
      enqueued += 1;
      await unfinished.touch(pointer).catch(() => {}); // else enqueued once more, which is harmless
    }
    return enqueued;
  }
}
