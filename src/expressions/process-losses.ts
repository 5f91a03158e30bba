export type EvaluatorEvent = {
  /** `evaluator_failing`: it keeps dying. `reason` is a signal, an exit code, or the name of an error. */
  readonly event: 'evaluator_ended' | 'evaluator_failing';
  readonly reason: string;
};

export interface ProcessLosses {
  /** Counts a process that ended by itself, or did not start. */
  readonly add: (reason: string) => void;
  /** A process has worked: the next loss is the first in a row. */
  readonly forget: () => void;
  readonly mayStart: () => boolean;
  /** It keeps dying: three times within a minute, or three times in a row. */
  readonly areFrequent: () => boolean;
}

const FREQUENT = 3;
const WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;

/** Decides from the lost processes when the next one may start, and whether something is wrong. */
export function createProcessLosses({
  report,
  monotonic,
}: {
  readonly report: (event: EvaluatorEvent) => void;
  readonly monotonic: () => number;
}): ProcessLosses {
  let latestMs: readonly number[] = [];
  let inARow = 0;

  function areFrequent(): boolean {
    const oldestMs = latestMs.length === FREQUENT ? latestMs[0] : undefined;
    return inARow >= FREQUENT || (oldestMs !== undefined && monotonic() - oldestMs < WITHIN_MS);
  }

  return {
    add(reason) {
      latestMs = [...latestMs, monotonic()].slice(-FREQUENT);
      inARow += 1;
      report({ event: areFrequent() ? 'evaluator_failing' : 'evaluator_ended', reason });
    },

    forget() {
      inARow = 0;
    },

    mayStart() {
      // The first loss in a row is replaced at once.
      const pauseMs = inARow < 2 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (inARow - 2));
      return monotonic() - (latestMs.at(-1) ?? 0) >= pauseMs;
    },

    areFrequent,
  };
}
