import { type HeldLock, PUT_DOWN } from './audit-log.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { SettleRename } from './settle-rename.ts';
import type { RenameTimings } from './timings.ts';

/** The index of unfinished work, as the sweep needs it: its cost grows with projects and stuck renames, never with history. */
export interface UnfinishedRenames {
  projects(): AsyncIterable<string>;
  locksOf(projectId: string): AsyncIterable<HeldLock>;
}

export type ReconcileRenames = (report: ReportRenameEvent) => Promise<void>;

/** Renames settled per second; each reads the iteration up to twice, and the service allows ten calls a second in all. */
const SETTLED_PER_SECOND = 1;
/** The next sweep, a minute later, goes on where this one stops. */
const MAX_SWEEP_MS = 50_000;

/** Settles every rename that is older than the quarantine. Any number of sweeps may run at once: versions make all but one of them harmless. */
export function createReconcileRenames({
  unfinished,
  settle,
  timings,
  now,
  sleep,
}: {
  readonly unfinished: UnfinishedRenames;
  readonly settle: SettleRename;
  readonly timings: RenameTimings;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): ReconcileRenames {
  return async function reconcileRenames(report) {
    const startedMs = now();
    let locks = 0;
    let settled = 0;
    let failed = 0;
    let oldestAgeMs = 0;
    for await (const lock of allLocks()) {
      locks += 1;
      const ageMs = now() - lock.heldSinceMs;
      // One that was put down is nobody's neglect: its message comes back.
      if (lock.heldSinceMs !== PUT_DOWN) oldestAgeMs = Math.max(oldestAgeMs, ageMs);
      if (ageMs < timings.quarantineMs) continue;
      if (now() - startedMs > MAX_SWEEP_MS) break;
      const roundMs = now();
      try {
        if (await settle(lock, report)) settled += 1;
      } catch {
        failed += 1; // the lock stands, so the next sweep tries again
      }
      await sleep(Math.max(0, 1000 / SETTLED_PER_SECOND - (now() - roundMs)));
    }
    report({ event: 'sweep_completed', locks, settled, failed, oldestAgeMs, durationMs: now() - startedMs });
  };

  async function* allLocks(): AsyncIterable<HeldLock> {
    for await (const projectId of unfinished.projects()) yield* unfinished.locksOf(projectId);
  }
}
