import { spawn } from 'node:child_process';
import { once } from 'node:events';
import program from '#evaluator';
import type { Evaluated, EvaluationRequest } from './evaluator.ts';

/** A running evaluator. It evaluates one expression at a time. */
export interface EvaluatorProcess {
  /** Null where the process ended during the evaluation, and not because of it. */
  evaluate(request: EvaluationRequest): Promise<Evaluated | null>;
  hasEnded(): boolean;
}

/**
 * Kills the process after this time: JSONata's own timeout does not interrupt a regular expression that
 * backtracks. Real mappings take about 1 ms; the rest is for an instance short of CPU.
 */
const TIMEOUT_MS = 3000;
const START_TIMEOUT_MS = 10_000;
const MAX_MEMORY_MB = 64;
/** How a process ends that needs more memory than it is given. */
const OUT_OF_MEMORY: ReadonlySet<string | null> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);

const TOO_SLOW: Evaluated = {
  report: { overBounds: `it takes longer than ${TIMEOUT_MS} ms` },
  cpuMs: TIMEOUT_MS,
};
/** An assumption: the process has ended without a measure. */
const TOO_LARGE: Evaluated = {
  report: { overBounds: `it needs more than ${MAX_MEMORY_MB} MB of memory` },
  cpuMs: 500,
};

/**
 * Starts a process that evaluates expressions; resolves when it is ready, since the start does not count as
 * evaluation time. A careless expression on an untrusted payload cannot block the app's event loop, and a
 * process that takes too long or too much memory ends alone; a thread that runs out of memory would end the
 * app. `onLost` hears of its end, whenever that comes, unless an expression caused it; and of a start that
 * fails.
 */
export async function startEvaluatorProcess(onLost: (reason: string) => void): Promise<EvaluatorProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_MEMORY_MB}`, '-'], {
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    env: {}, // an expression must not see the app's settings
  });
  child.on('error', () => {}); // what cannot be started or sent to: the promises below, and `exit`, tell
  child.stdin?.on('error', () => {}).end(program);
  const started = once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(describeEnd(code, signal));
  });
  try {
    await Promise.race([started, ended]);
  } catch (error) {
    child.kill('SIGKILL');
    onLost(describeFailure(error));
    throw error;
  }

  let hasEnded = false;
  let answer: ((evaluated: Evaluated | null) => void) | null = null;
  child.on('message', (evaluated: Evaluated) => answer?.(evaluated));
  child.once('exit', (code, signal) => {
    if (hasEnded) return; // stopped
    hasEnded = true;
    if (answer !== null && OUT_OF_MEMORY.has(signal)) return answer(TOO_LARGE);
    onLost(describeEnd(code, signal));
    answer?.(null);
  });
  // The process must not keep the app alive; it ends together with the app.
  child.unref();
  child.channel?.unref();

  return {
    hasEnded: () => hasEnded,

    async evaluate(request) {
      if (hasEnded) return null;
      const { promise, resolve } = Promise.withResolvers<Evaluated | null>();
      answer = resolve;
      const stop = (): void => {
        if (answer !== resolve) return; // it has reported
        hasEnded = true;
        child.kill('SIGKILL');
        resolve(TOO_SLOW);
      };
      // After a pause of the whole app the report may have arrived already, so that is read first.
      const timer = setTimeout(() => setImmediate(stop), TIMEOUT_MS);
      child.send(request, () => {}); // it fails only when the process has ended, which `exit` reports
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        answer = null;
      }
    },
  };
}

function describeEnd(code: unknown, signal: unknown): string {
  return typeof signal === 'string' ? signal : `code ${String(code)}`;
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.message;
}
