import type { AuditLog, PendingRename } from '../audit-log.ts';
import { isSameName } from '../same-name.ts';
import type { RenamedIteration, UpstreamReading } from '../upstream.ts';
import type { FoundState } from './complete-from-state.ts';
import { judgeState } from './judge-state.ts';
import type { LookAtIteration } from './look-at-iteration.ts';

/** What looking at the iteration came to. */
export type FoundOutcome =
  | (FoundState & { readonly iteration: RenamedIteration })
  | (FoundState & { readonly status: 'unresolved' })
  /**
   * `reading` tells why: absent, throttled or unavailable; or an iteration that does not say when it was
   * modified.
   */
  | { readonly status: 'unreadable'; readonly reading: UpstreamReading };

/**
 * Finds out, by reading the iteration, what became of a rename whose lease has expired. Rejects where the
 * audit log cannot be used.
 */
export type FindOutcome = (pending: PendingRename, traceparent: string | null) => Promise<FoundOutcome>;

/** After this long without a way to find out, a person has to. */
const UNRESOLVED_AFTER_MS = 24 * 60 * 60 * 1000;

export function createFindOutcome({
  log,
  look,
  monotonic,
}: {
  readonly log: Pick<AuditLog, 'newestSucceeded' | 'noteUnreadable'>;
  readonly look: Pick<LookAtIteration, 'twice'>;
  readonly monotonic: () => number;
}): FindOutcome {
  return async function findOutcome(pending, traceparent) {
    const { intent, lease, begunAfterMs } = pending;
    const { first, last } = await look.twice(intent, traceparent);
    if (last.kind !== 'iteration') return unreadable(pending, last);
    const sinceBegunMs = monotonic() - begunAfterMs;
    const { requestedName } = intent;
    const known = { requestedName, before: lease.before, lastKnown: null, sinceBegunMs };
    let verdict = judgeState(last, known);
    if (verdict === 'modified' || verdict === 'unknown') {
      verdict = judgeState(last, { ...known, lastKnown: await log.newestSucceeded(intent) });
    }
    const { iteration } = last;
    switch (verdict) {
      case 'applied':
        return { status: 'succeeded', iteration, previousName: nameBefore(pending, first) };
      case 'not_applied':
        return { status: 'not_applied', iteration, previousName: iteration.name };
      case 'modified':
        return { status: 'unresolved', iteration, previousName: lease.before?.name ?? null };
      case 'unknown':
        return unreadable(pending, last);
    }
  };

  async function unreadable(pending: PendingRename, reading: UpstreamReading): Promise<FoundOutcome> {
    const { unreadableForMs } = pending;
    if (unreadableForMs === null) await log.noteUnreadable(pending);
    else if (unreadableForMs >= UNRESOLVED_AFTER_MS) {
      return { status: 'unresolved', iteration: null, previousName: pending.lease.before?.name ?? null };
    }
    return { status: 'unreadable', reading };
  }
}

/**
 * From the reading before the PATCH, or from the first of two looks, where the rename was applied between
 * them.
 */
function nameBefore({ intent, lease }: PendingRename, first: UpstreamReading): string | null {
  const names = [lease.before?.name, first.kind === 'iteration' ? first.iteration.name : undefined];
  return names.find((name) => name !== undefined && !isSameName(name, intent.requestedName)) ?? null;
}
