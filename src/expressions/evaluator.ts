import { Worker } from 'node:worker_threads';
import jsonata from 'jsonata';
import { jsonataMessage } from './jsonata-message.ts';

/** One evaluation: `json` is `{ input, bindings }`. */
export interface EvaluationRequest {
  readonly text: string;
  readonly json: string;
}
/** The result as JSON, null for no result; or why the evaluation failed. */
export type EvaluationReport = { readonly json: string | null } | { readonly fault: string };

/**
 * These limits give the clearer message. `evaluator-process.ts` ends what they do not see, such as a call
 * that never returns.
 */
const OPTIONS = { timeout: 500, stack: 200, sequence: 10_000 } as const;
const MAX_RESULT_LENGTH = 8192;

// JSONata's timeout reads this clock; nothing else does. It counts CPU time, so that a busy machine refuses
// no expression.
Date.now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// This file is the program of the evaluator process. The build bundles it into the app as a string.
process.on('message', ({ text, json }: EvaluationRequest) => {
  void evaluate(text, json).then((report) => process.send?.(report));
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
    return { fault: `the result is longer than ${MAX_RESULT_LENGTH} characters` };
  } catch (error) {
    return { fault: jsonataMessage(error) };
  }
}
