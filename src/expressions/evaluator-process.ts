import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import program from '#evaluator';
import type { EvaluationRequest, EvaluationReport } from './evaluator.ts';

export type EvaluateInProcess = (request: EvaluationRequest) => Promise<EvaluationReport>;

/**
 * After which the process is killed, whatever it does: a pattern that backtracks, a text that doubles. JSONata itself stops earlier, where it can.
 * Real mappings take about a millisecond; the rest is for an instance that is short of processor time, since a sender takes a refusal for final.
 */
const TIMEOUT_MS = 3000;
const START_TIMEOUT_MS = 20_000;
const MAX_MEMORY_MB = 64;

/**
 * Evaluates expressions in a process of their own, one at a time. What a payload makes of a careless expression stays there: the app's event
 * loop goes on, and a process that takes too long or too much memory dies alone (a thread would take the app with it) and is replaced.
 */
export function createEvaluatorProcess(): EvaluateInProcess {
  let running: Promise<ChildProcess> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  return function evaluateInProcess(request) {
    const turn = last.then(() => evaluate(request));
    last = turn.catch(() => null);
    return turn;
  };

  async function evaluate(request: EvaluationRequest): Promise<EvaluationReport> {
    running ??= start();
    const starting = running;
    const child = await starting.catch((error: unknown) => {
      running = null;
      throw error;
    });
    const watch = new AbortController();
    const within = { signal: watch.signal };
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.send(request, () => {}); // where it cannot be sent, the process has ended
    const startedMs = performance.now();
    try {
      return await Promise.race([
        once(child, 'message', within).then(([report]: EvaluationReport[]) => report ?? ENDED),
        once(child, 'exit', within).then(() => {
          running = null;
          return performance.now() - startedMs < TIMEOUT_MS ? ENDED : TOO_SLOW;
        }),
      ]);
    } finally {
      clearTimeout(timer);
      watch.abort();
    }
  }
}

const TOO_SLOW: EvaluationReport = { fault: `it takes longer than ${TIMEOUT_MS} ms` };
const ENDED: EvaluationReport = {
  fault: `it needs more than ${MAX_MEMORY_MB} MB of memory, or ended itself`,
};

/** Starting takes none of an expression's time. */
async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_MEMORY_MB}`, '-'], {
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    env: {}, // settings are nothing for an expression to see
  });
  child.stdin?.on('error', () => {}).end(program);
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  try {
    await once(child, 'message', { signal });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  // Neither keeps the app from ending; the process ends with it.
  child.unref();
  child.channel?.unref();
  return child;
}
