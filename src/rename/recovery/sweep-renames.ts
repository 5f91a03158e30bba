import type { Lease } from '../audit-log.ts';
import type { RenamePointer, RenameQueue } from '../queued/queued-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { RenameTimings } from '../rename-timings.ts';
import { goingOnAfter } from './going-on-after.ts';
import type { SettleRename } from './settle-rename.ts';
import { createSettlePaced, keyOf } from './settle-paced.ts';

/** The index of unfinished work. Its cost grows with the active projects and their stuck renames, never with history. */
export interface UnfinishedRenames {
  /** The projects in which work can be left, in a fixed order. */
  activeProjects(): AsyncIterable<string>;
  leasesOf(projectId: string): AsyncIterable<Lease>;
  /** Accepted renames that have not begun, with the time of their last touch. */
  acceptedOf(projectId: string): AsyncIterable<RenamePointer & { readonly touchedAtMs: number }>;
  /** Keeps a project with work left among the active ones. */
  keepActive(projectId: string): Promise<void>;
  /** Notes that an accepted rename was enqueued again. */
  touch(pointer: RenamePointer): Promise<void>;
}

export type SweepRenames = (report: ReportRenameEvent) => Promise<void>;

/** The next sweep goes on where this one stops. */
const MAX_LISTING_MS = 20_000;
/**
 * Below the five minutes that the host allows a function. Longer than the minute between two sweeps: at the end of each, a resource is idle
 * while the last settlings, each of which takes up to a lease, come to an end.
 */
const MAX_SWEEP_MS = 4 * 60_000;
const PROJECTS_AT_ONCE = 8;
/** Older than a message waits at most before its rename is begun or touched: then the message was lost. */
const LOST_AFTER_MS = 2 * 60_000;

/** What one sweep has found. */
interface Found {
  readonly due: Lease[];
  readonly lost: RenamePointer[];
  projects: number;
  failedProjects: number;
  locks: number;
  oldestAgeMs: number;
}

/**
 * Settles every rename whose lease has expired, and enqueues again what was accepted and never begun. Any number of sweeps may run at
 * once: versions make all but one of them harmless. A fault in one project leaves the others alone.
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
  let lastListed = '';
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

  async function findWork(untilMs: number): Promise<Found> {
    const found: Found = { due: [], lost: [], projects: 0, failedProjects: 0, locks: 0, oldestAgeMs: 0 };
    const active: string[] = [];
    for await (const projectId of unfinished.activeProjects()) active.push(projectId);
    const waiting = [...goingOnAfter(lastListed, active, (projectId) => projectId)];
    const workers = Array.from({ length: PROJECTS_AT_ONCE }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (monotonic() > untilMs) return;
        lastListed = next;
        await findIn(next, found);
      }
    });
    await Promise.all(workers);
    return found;
  }

  async function findIn(projectId: string, found: Found): Promise<void> {
    found.projects += 1;
    let isWorkLeft = false;
    try {
      for await (const lease of unfinished.leasesOf(projectId)) {
        isWorkLeft = true;
        found.locks += 1;
        // A released rename is not neglected: its message comes back.
        if (!lease.isReleased)
          found.oldestAgeMs = Math.max(found.oldestAgeMs, monotonic() - lease.writtenAtMs);
        const isDue = lease.expiresAtMs <= monotonic() && !isLeftToItsMessage(lease, monotonic());
        if (isDue) found.due.push(lease);
      }
      for await (const { touchedAtMs, ...pointer } of unfinished.acceptedOf(projectId)) {
        isWorkLeft = true;
        if (monotonic() - touchedAtMs >= LOST_AFTER_MS) found.lost.push(pointer);
      }
      if (isWorkLeft) await unfinished.keepActive(projectId);
    } catch {
      found.failedProjects += 1; // a later sweep looks again
    }
  }

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

/** The message of a rename whose access was refused comes back within an hour: before that, the upstream is not tried. */
const MESSAGE_RETURNS_WITHIN_MS = 2 * 60 * 60_000;

function isLeftToItsMessage({ isReleased, lastFailure, writtenAtMs }: Lease, nowMs: number): boolean {
  return isReleased && lastFailure === 'access_refused' && nowMs - writtenAtMs < MESSAGE_RETURNS_WITHIN_MS;
}
