import type { AuditLog } from './audit-log.ts';
import type { RenameIntent } from './audit-record.ts';
import type { Verdict } from './judge-answer.ts';
import { isSameName } from './same-name.ts';
import { isFromAfter } from './seen-before.ts';
import type { RenamedIteration, UpstreamReading } from './upstream.ts';

/**
 * The name that the iteration had before; null where neither a reading nor the history tells. Never rejects.
 */
export type PreviousNameOf = (
  intent: RenameIntent,
  verdict: Pick<Verdict, 'status'>,
  before: UpstreamReading | null,
  renamed: RenamedIteration | null,
) => Promise<string | null>;

export function createPreviousNameOf({
  log,
}: {
  readonly log: Pick<AuditLog, 'newestSucceeded'>;
}): PreviousNameOf {
  return async function previousNameOf(intent, { status }, before, renamed) {
    if (status !== 'succeeded') return before?.kind === 'iteration' ? before.iteration.name : null;
    // A reading that shows the requested name, or what came after the PATCH, proves nothing, and neither does
    // none.
    if (before?.kind === 'iteration') {
      const { name } = before.iteration;
      if (!isSameName(name, intent.requestedName) && !isFromAfter(before.iteration, renamed)) return name;
    }
    const newest = await log.newestSucceeded(intent).catch(() => null);
    return newest?.name ?? null;
  };
}
