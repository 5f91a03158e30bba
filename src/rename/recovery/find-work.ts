import type { Lease } from '../audit-log.ts';
import type { RenamePointer } from '../queued/queued-rename.ts';
import { goingOnAfter } from './going-on-after.ts';

/**
 * The index of unfinished work. Its cost grows with the active projects and their stuck renames, never with
 * history.
 */
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

/** What one sweep has found. */
export interface FoundWork {
  readonly due: Lease[];
  readonly lost: RenamePointer[];
  projects: number;
  failedProjects: number;
  locks: number;
  oldestAgeMs: number;
}

/** Looks into the active projects until a moment on the monotonic clock; the next call goes on behind. */
export type FindWork = (untilMs: number) => Promise<FoundWork>;

const PROJECTS_AT_ONCE = 8;
/** Older than a message waits at most before its rename is begun or touched: then the message was lost. */
const LOST_AFTER_MS = 2 * 60_000;

/** A fault in one project leaves the others alone. */
export function createFindWork({
  unfinished,
  monotonic,
}: {
  readonly unfinished: UnfinishedRenames;
  readonly monotonic: () => number;
}): FindWork {
  let lastListed = '';

  return async function findWork(untilMs) {
    const found: FoundWork = { due: [], lost: [], projects: 0, failedProjects: 0, locks: 0, oldestAgeMs: 0 };
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
  };

  async function findIn(projectId: string, found: FoundWork): Promise<void> {
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
}

/**
 * The message of a rename whose access was refused comes back within an hour: before that, the upstream is
 * not tried.
 */
const MESSAGE_RETURNS_WITHIN_MS = 2 * 60 * 60_000;

function isLeftToItsMessage({ isReleased, lastFailure, writtenAtMs }: Lease, nowMs: number): boolean {
  return isReleased && lastFailure === 'access_refused' && nowMs - writtenAtMs < MESSAGE_RETURNS_WITHIN_MS;
}
