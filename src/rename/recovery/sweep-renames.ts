import type { Lease } from '../audit-log.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { SettleRename } from './settle-rename.ts';

/** The index of unfinished work, as the sweep needs it: its cost grows with projects and stuck renames, never with history. */
export interface UnfinishedRenames {
  projects(): AsyncIterable<string>;
  locksOf(projectId: string): AsyncIterable<Lease>;
}

export type SweepRenames = (report: ReportRenameEvent) => Promise<void>;

/** After each rename, so that the sweep never makes more than two calls a second: the service allows ten in all. */
const PAUSE_MS = 1000;
/** The next sweep, a minute later, goes on where this one stops. */
const MAX_SWEEP_MS = 50_000;

/** Settles every rename whose lease has expired. Any number of sweeps may run at once: versions make all but one of them harmless. */
export function createSweepRenames({
  unfinished,
  settle,
  monotonic,
  sleep,
}: {
  readonly unfinished: UnfinishedRenames;
  readonly settle: SettleRename;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): SweepRenames {
  let lastTried = '';

  return async function sweepRenames(report) {
    const startedMs = monotonic();
    const due: Lease[] = [];
    let locks = 0;
    let settled = 0;
    let failed = 0;
    let oldestAgeMs = 0;
    for await (const lock of allLocks()) {
      locks += 1;
      // A released rename is not neglected: its message comes back.
      if (!lock.isReleased) oldestAgeMs = Math.max(oldestAgeMs, monotonic() - lock.writtenAtMs);
      if (lock.expiresAtMs <= monotonic() && !isLeftToItsMessage(lock, monotonic())) due.push(lock);
    }
    for (const lock of goingOnAfter(lastTried, due)) {
      if (monotonic() - startedMs > MAX_SWEEP_MS) break;
      lastTried = keyOf(lock);
      try {
        if (await settle(lock, report)) settled += 1;
      } catch {
        failed += 1; // the lock stands, so a later sweep tries again
      }
      await sleep(PAUSE_MS);
    }
    report({
      event: 'sweep_completed',
      locks,
      settled,
      failed,
      oldestAgeMs,
      durationMs: monotonic() - startedMs,
    });
  };

  async function* allLocks(): AsyncIterable<Lease> {
    for await (const projectId of unfinished.projects()) yield* unfinished.locksOf(projectId);
  }
}

/** The message of a rename whose access was refused comes back within an hour: before that, the upstream is not tried. */
const MESSAGE_RETURNS_WITHIN_MS = 2 * 60 * 60_000;

function isLeftToItsMessage({ isReleased, lastFailure, writtenAtMs }: Lease, nowMs: number): boolean {
  return isReleased && lastFailure === 'access_refused' && nowMs - writtenAtMs < MESSAGE_RETURNS_WITHIN_MS;
}

const keyOf = ({ projectId, iterationId }: Lease): string => `${projectId} ${iterationId}`;

/** Those that cannot be settled yet, and take their time, must not keep the ones behind them from ever being reached. */
function goingOnAfter(lastTried: string, due: readonly Lease[]): readonly Lease[] {
  const isTried = (lock: Lease) => keyOf(lock) <= lastTried;
  return [...due.filter((lock) => !isTried(lock)), ...due.filter(isTried)];
}
