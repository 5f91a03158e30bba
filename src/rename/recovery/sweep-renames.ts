import type { Lease } from '../audit-log.ts';
import type { RenamePointer, RenameQueue } from '../queued/queued-rename.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
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

/** The next sweep, a minute later, goes on where this one stops. */
const MAX_LISTING_MS = 20_000;
const MAX_SWEEP_MS = 55_000;
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
  monotonic,
  sleep,
}: {
  readonly unfinished: UnfinishedRenames;
  readonly queue: RenameQueue;
  readonly settle: SettleRename;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SweepRenames {
  let lastListed = '';
  const settlePaced = createSettlePaced({ monotonic, sleep });

  return async function sweepRenames(report) {
    const startedMs = monotonic();
    const found = await findWork(startedMs + MAX_LISTING_MS);
    const enqueued = await enqueueLost(found.lost);
    const due = found.due.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const { settled, failed } = await settlePaced(
      due,
      (lease) => settle(lease, report),
      startedMs + MAX_SWEEP_MS,
    );
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
        if (lease.expiresAtMs <= monotonic()) found.due.push(lease);
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

  async function enqueueLost(lost: readonly RenamePointer[]): Promise<number> {
    let enqueued = 0;
    for (const pointer of lost) {
      try {
        await queue.enqueue(pointer, 0);
        enqueued += 1;
        await unfinished.touch(pointer);
      } catch {
        // a later sweep enqueues it
      }
    }
    return enqueued;
  }
}
