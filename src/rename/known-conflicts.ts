import type { RenameCommand } from './rename-command.ts';
import { RenameError, type RenameErrorCode } from './rename-error.ts';

/**
 * What this instance has learnt of requests that end without a PATCH: those that repeat a finished
 * idempotency key, and those for an iteration that is being renamed. Only a hint: the audit log decides.
 */
export interface KnownConflicts {
  /**
   * `final`: the key has its answer. `busy`: the iteration is being renamed. Null: the rename will probably
   * be sent.
   */
  expects(command: RenameCommand): 'final' | 'busy' | null;
  /** This instance renames the iteration, until the answer is called. */
  begin(command: RenameCommand): () => void;
  /** How the request ended; null: by the iteration. */
  learn(command: RenameCommand, error: unknown): void;
}

const MAX_ENTRIES = 10_000;
/** A repeat of the key will get the same again. */
const FINAL = new Set<RenameErrorCode | null>([
  'upstream_refused',
  'answer_withheld',
  'unresolved',
  'idempotency_key_reused',
]);

export function createKnownConflicts({ monotonic }: { readonly monotonic: () => number }): KnownConflicts {
  /** Until when a conflict is to be expected, the oldest first. */
  const untilMs = new Map<string, number>();

  return {
    expects(command) {
      if (isExpected(keyClaim(command))) return 'final';
      return isExpected(iterationOf(command)) ? 'busy' : null;
    },
    begin(command) {
      const iteration = iterationOf(command);
      note(iteration, Number.POSITIVE_INFINITY);
      return () => {
        untilMs.delete(iteration);
      };
    },
    learn(command, error) {
      const code = error instanceof RenameError ? error.code : null;
      if (error === null || FINAL.has(code)) note(keyClaim(command), Number.POSITIVE_INFINITY);
      if (!(error instanceof RenameError)) return;
      if (error.code === 'iteration_busy' && !isExpected(iterationOf(command)))
        note(iterationOf(command), monotonic() + (error.retryAfterMs ?? 0));
    },
  };

  function isExpected(entry: string | null): boolean {
    return entry !== null && (untilMs.get(entry) ?? Number.NEGATIVE_INFINITY) > monotonic();
  }

  function note(entry: string | null, ms: number): void {
    if (entry === null) return;
    untilMs.delete(entry);
    untilMs.set(entry, ms);
    const [oldest] = untilMs.keys();
    if (untilMs.size > MAX_ENTRIES && oldest !== undefined) untilMs.delete(oldest);
  }
}

/** Null without a key of the caller's own: the implied key ends with the answer. */
function keyClaim({ idempotencyKey, caller, request }: RenameCommand): string | null {
  return idempotencyKey === null ? null : JSON.stringify([caller.id, request.projectId, idempotencyKey]);
}

function iterationOf({ request: { projectId, iterationId } }: RenameCommand): string {
  return JSON.stringify([projectId, iterationId]);
}
