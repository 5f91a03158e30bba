import { createTokenBucket } from './token-bucket.ts';

/** The right to send one rename. */
export interface Turn {
  /** For a rename that ended before anything was sent. */
  giveBack(): void;
}

/** Why there is no turn now, and when there may be one. */
export type Refuse = (retryAfterMs: number) => Error;

interface Waiting {
  readonly callerId: string;
  readonly untilMs: number;
  readonly resolve: (turn: Turn) => void;
  readonly reject: (error: Error) => void;
}

/** Within the timeout of any client, and longer than a usual burst needs. */
const MAX_WAIT_MS = 3000;

/**
 * A token bucket, and a line before it. Callers in the line are served in turn, so
 * that one with many requests gets no more than its share; within one caller, the first comes first.
 */
export function createFairLine({
  turnsPerSecond,
  refuse,
  monotonic,
  sleep,
}: {
  readonly turnsPerSecond: number;
  readonly refuse: Refuse;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}) {
  const bucket = createTokenBucket({ turnsPerSecond, monotonic });
  /** By caller; the first entry is served next. */
  const line = new Map<string, Waiting[]>();
  let isServing = false;

  return {
    /**
     * Rejects at once where the turn would not come within three seconds, and after that time where it did
     * not.
     */
    take(callerId: string): Promise<Turn> {
      const waitMs = untilTurn(callerId);
      if (waitMs > MAX_WAIT_MS) return Promise.reject(refuse(waitMs));
      const { promise, resolve, reject } = Promise.withResolvers<Turn>();
      const untilMs = monotonic() + MAX_WAIT_MS;
      line.set(callerId, [...(line.get(callerId) ?? []), { callerId, untilMs, resolve, reject }]);
      serve();
      void serveInTime();
      return promise;
    },
    charge: () => bucket.take(),
    closeFor: (ms: number) => bucket.closeFor(ms),
    /** Rejects all who wait. */
    dismiss(error: Error): void {
      for (const { reject } of allWaiting()) reject(error);
      line.clear();
    },
  };

  /** How long one more request of this caller would wait, if no other caller came. */
  function untilTurn(callerId: string): number {
    const untilNextMs = bucket.untilNextMs();
    const own = line.get(callerId)?.length ?? 0;
    let ahead = own;
    for (const [other, waiting] of line) if (other !== callerId) ahead += Math.min(waiting.length, own + 1);
    return untilNextMs + Math.max(0, ahead - bucket.spare()) * (1000 / turnsPerSecond);
  }

  function serve(): void {
    for (;;) {
      const [first] = line;
      if (first === undefined || bucket.untilNextMs() > 0) return;
      const [callerId, [next, ...others]] = first;
      line.delete(callerId);
      if (others.length > 0) line.set(callerId, others); // behind the other callers
      bucket.take();
      next?.resolve(createTurn(giveBack));
    }
  }

  async function serveInTime(): Promise<void> {
    if (isServing) return;
    isServing = true;
    while (line.size > 0) {
      const earliestMs = Math.min(...allWaiting().map(({ untilMs }) => untilMs));
      await sleep(Math.max(1, Math.min(bucket.untilNextMs(), earliestMs - monotonic())));
      serve();
      refuseOverdue();
    }
    isServing = false;
  }

  function refuseOverdue(): void {
    const nowMs = monotonic();
    for (const [callerId, waiting] of line) {
      const overdue = waiting.filter(({ untilMs }) => untilMs <= nowMs);
      if (overdue.length === 0) continue;
      const left = waiting.filter(({ untilMs }) => untilMs > nowMs);
      if (left.length === 0) line.delete(callerId);
      else line.set(callerId, left);
      for (const { reject } of overdue) reject(refuse(untilTurn(callerId)));
    }
  }

  function giveBack(): void {
    bucket.giveBack();
    serve();
  }

  function allWaiting(): Waiting[] {
    return [...line.values()].flat();
  }
}

function createTurn(giveBack: () => void): Turn {
  let isGivenBack = false;
  return {
    giveBack() {
      if (!isGivenBack) giveBack();
      isGivenBack = true;
    },
  };
}
