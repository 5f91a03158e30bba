import { EvaluationError } from './evaluation-error.ts';
import { type EvaluatorProcess, startEvaluatorProcess } from './evaluator-process.ts';
import type { EvaluationReport, EvaluationRequest } from './evaluator.ts';
import { createSourceTurns } from './source-turns.ts';
import { createProcessLosses, type EvaluatorEvent } from './process-losses.ts';

export type ExpressionEvent =
  | EvaluatorEvent
  | { readonly event: 'expression_over_bounds'; readonly source: string; readonly reason: string };

export interface EvaluatorPool {
  /** Sources take turns. Throws an `EvaluationError`. */
  readonly evaluate: (source: string, request: EvaluationRequest) => Promise<EvaluatedReport>;
  /** Rejects while the process that evaluates keeps dying. */
  readonly check: () => Promise<void>;
}

export type EvaluatedReport = Exclude<EvaluationReport, { overBounds: string }>;

/** The second one starts when a source needs an evaluation during that of another source. */
const MAX_PROCESSES = 2;
/** Each may hold a delivery of 256 KiB. */
const MAX_WAITING_PER_SOURCE = 100;
/**
 * Senders give up after 10 seconds (GitHub); an evaluation may take 3. What waits also takes up one of the
 * requests that the host allows at once (`host.json`), which other sources and callers need.
 */
const MAX_WAIT_MS = 5000;
/** An evaluation whose process was lost is repeated once: not every sender repeats a delivery. */
const MAX_ATTEMPTS = 2;

interface Waiting {
  readonly source: string;
  readonly request: EvaluationRequest;
  readonly sinceMs: number;
  readonly resolve: (report: EvaluationReport) => void;
  readonly reject: (error: unknown) => void;
}

/** Evaluates expressions in processes of their own, which are replaced when they end. */
export function createEvaluatorPool({
  report: reportEvent,
  monotonic,
}: {
  readonly report: (event: ExpressionEvent) => void;
  readonly monotonic: () => number;
}): EvaluatorPool {
  const line = createSourceTurns<Waiting>();
  const losses = createProcessLosses({ report: reportEvent, monotonic });
  const idle: EvaluatorProcess[] = [];
  /**
   * The processor time of the last two evaluations of each source: a busy machine makes none of them slow.
   */
  const cpuMs = new Map<string, readonly number[]>();
  let busy = 0;

  return {
    async evaluate(source, request) {
      const { promise, resolve, reject } = Promise.withResolvers<EvaluationReport>();
      const waiting = { source, request, sinceMs: monotonic(), resolve, reject };
      const isWaiting = line.join(source, waiting, placesOf(source));
      if (!isWaiting) throw new EvaluationError('line_full', 'too many evaluations wait');
      serve();
      const report = await promise;
      if (!('overBounds' in report)) return report;
      reportEvent({ event: 'expression_over_bounds', source, reason: report.overBounds });
      throw new EvaluationError('over_bounds', report.overBounds);
    },

    async check() {
      if (losses.areFrequent()) throw new Error('the process that evaluates expressions keeps dying');
    },
  };

  function serve(): void {
    while (busy < MAX_PROCESSES) {
      const next = line.next();
      if (next === null) return;
      const { source, item } = next;
      busy += 1;
      void serveOne(item).finally(() => {
        busy -= 1;
        line.leave(source);
        serve();
      });
    }
  }

  /** So many of a source may wait; few where its evaluations are slow. One slow evaluation may be chance. */
  function placesOf(source: string): number {
    const expectedMs = Math.min(...(cpuMs.get(source) ?? [0]));
    return Math.min(MAX_WAITING_PER_SOURCE, MAX_WAIT_MS / expectedMs);
  }

  async function serveOne({ source, request, sinceMs, resolve, reject }: Waiting): Promise<void> {
    const isLate = monotonic() - sinceMs > MAX_WAIT_MS;
    if (isLate) return reject(new EvaluationError('line_full', 'the evaluation waited too long'));
    await evaluateNow(source, request).then(resolve, reject);
  }

  async function evaluateNow(source: string, request: EvaluationRequest): Promise<EvaluationReport> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const evaluator = await takeProcess();
      const evaluated = await evaluator.evaluate(request);
      if (!evaluator.hasEnded()) idle.push(evaluator);
      if (evaluated === null) continue;
      losses.forget();
      cpuMs.set(source, [...(cpuMs.get(source) ?? [0]), evaluated.cpuMs].slice(-2));
      return evaluated.report;
    }
    throw new EvaluationError('evaluator_down', 'the process that evaluates expressions ended');
  }

  async function takeProcess(): Promise<EvaluatorProcess> {
    for (let known = idle.pop(); known !== undefined; known = idle.pop()) {
      if (!known.hasEnded()) return known;
    }
    if (!losses.mayStart()) throw new EvaluationError('evaluator_down', 'it is started again soon');
    try {
      return await startEvaluatorProcess(losses.add);
    } catch (error) {
      throw new EvaluationError('evaluator_down', 'it does not start', { cause: error });
    }
  }
}
