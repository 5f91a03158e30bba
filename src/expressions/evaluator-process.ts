import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import program from '#evaluator';
import type { EvaluationRequest, EvaluationReport } from './evaluator.ts';

export type EvaluateInProcess = (request: EvaluationRequest) => Promise<EvaluationReport>;

/**
 * Kills the process after this time: JSONata's own timeout does not interrupt a regular expression that
 * backtracks. Real mappings take about 1 ms; the rest is for an instance short of CPU, since a sender does
 * not retry a refused delivery.
 */
const TIMEOUT_MS = 3000;
const START_TIMEOUT_MS = 20_000;
const MAX_MEMORY_MB = 64;

/**
 * Evaluates expressions in a separate process, one at a time. A careless expression on an untrusted payload
 * cannot block the app's event loop. A process that takes too long or too much memory dies alone and is
 * replaced; a thread that runs out of memory would end the app.
 */
export function createEvaluatorProcess(): EvaluateInProcess {
  let running: Promise<ChildProcess> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  return function evaluateInProcess(request) {
    const evaluation = last.then(() => evaluate(request));
    last = evaluation.catch(() => null);
    return evaluation;
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
    child.send(request, () => {}); // it fails only when the process has ended, which `exit` reports
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
  fault: `it needs more than ${MAX_MEMORY_MB} MB of memory, or ended its process`,
};

/** Resolves when the process is ready: the start does not count as evaluation time. */
async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${MAX_MEMORY_MB}`, '-'], {
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    env: {}, // an expression must not see the app's settings
  });
  child.stdin?.on('error', () => {}).end(program);
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  try {
    await once(child, 'message', { signal });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  // The process must not keep the app alive; it ends together with the app.
  child.unref();
  child.channel?.unref();
  return child;
}
