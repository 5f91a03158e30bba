import { Worker } from 'node:worker_threads';
import jsonata from 'jsonata';
import { jsonataMessage } from './jsonata-message.ts';

/** One evaluation: `json` is `{ input, bindings }`. */
export interface EvaluationRequest {
  readonly text: string;
  readonly json: string;
}
/**
 * The result as JSON, null for no result; or why the evaluation failed: with this input, or because it needs
 * more than it is given.
 */
export type EvaluationReport =
  | { readonly json: string | null }
  | { readonly fault: string }
  | { readonly overBounds: string };

/** An evaluation, and the processor time that it took. */
export interface Evaluated {
  readonly report: EvaluationReport;
  readonly cpuMs: number;
}

/**
 * These limits give the clearer message. `evaluator-process.ts` ends what they do not see, such as a call
 * that never returns.
 */
const OPTIONS = { timeout: 500, stack: 200, sequence: 10_000 } as const;
const MAX_RESULT_LENGTH = 8192;
/** JSONata's errors for too deep a stack, too much time, and too long a range or sequence. */
const BOUND_ERRORS: ReadonlySet<unknown> = new Set(['D1011', 'D1012', 'D2014', 'D2015']);

// JSONata's timeout reads this clock, and the measure of an evaluation. It counts CPU time, so that a busy
// machine refuses no expression.
Date.now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// This file is the program of the evaluator process. The build bundles it into the app as a string.
process.on('message', ({ text, json }: EvaluationRequest) => {
  const startedMs = Date.now();
  void evaluate(text, json).then((report) => process.send?.({ report, cpuMs: Date.now() - startedMs }));
});
process.on('disconnect', () => process.exit());
// An expression that never returns blocks `disconnect`, so a thread kills this process when the app is gone.
// The parent's id is read here: when the thread starts, the app may have ended already.
new Worker(
  `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), 1000);`,
  { eval: true },
).unref();
// One evaluation loads what the first expression would otherwise wait for.
void evaluate('$', '{}').then(() => process.send?.('ready'));

async function evaluate(text: string, json: string): Promise<EvaluationReport> {
  try {
    const { input, bindings } = JSON.parse(json);
    // Compiled for each evaluation, so that no delivery can leave state for the next.
    const result = JSON.stringify(await jsonata(text, OPTIONS).evaluate(input, bindings));
    if (result === undefined) return { json: null };
    if (result.length <= MAX_RESULT_LENGTH) return { json: result };
    return { overBounds: `the result is longer than ${MAX_RESULT_LENGTH} characters` };
  } catch (error) {
    const message = jsonataMessage(error);
    return isBoundError(error) ? { overBounds: message } : { fault: message };
  }
}

function isBoundError(error: unknown): boolean {
  if (error instanceof RangeError) return true; // the engine's own: too deep a stack, too long a text
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && BOUND_ERRORS.has(error.code)) return true;
  return 'error' in error && isBoundError(error.error); // what `$eval` failed with
}
