import { Worker } from 'node:worker_threads';
import jsonata from 'jsonata';
import { jsonataMessage } from './jsonata-message.ts';

/** One evaluation: `json` is `{ input, bindings }`. */
export interface EvaluationRequest {
  readonly text: string;
  readonly json: string;
}
/** The result as JSON, null where there is none; or why there cannot be one. */
export type EvaluationReport = { readonly json: string | null } | { readonly fault: string };

/** These make the better message. What they do not see, such as one call that never comes back, `evaluator-process.ts` ends from outside. */
const OPTIONS = { timeout: 500, stack: 200, sequence: 10_000 } as const;
const MAX_RESULT_LENGTH = 8192;

// The clock of JSONata's timeout, and of nothing else: processor time, so that no expression is refused for what others on a busy machine took.
Date.now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// The program of the process in which expressions are evaluated: bundled into the app as a text, run by nobody else.
process.on('message', ({ text, json }: EvaluationRequest) => {
  void evaluate(text, json).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
// An expression that never comes back hears of nothing, so a thread beside it sees to it that none outlives the app.
// Who the app is, is looked up here: by the time the thread runs, the app may have gone.
new Worker(
  `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), 1000);`,
  { eval: true },
).unref();
// What the first evaluation would have to load is loaded by now.
void evaluate('$', '{}').then(() => process.send?.('ready'));

async function evaluate(text: string, json: string): Promise<EvaluationReport> {
  try {
    const { input, bindings } = JSON.parse(json);
    // Compiled anew each time: what one delivery made of it is not there for the next.
    const result = JSON.stringify(await jsonata(text, OPTIONS).evaluate(input, bindings));
    if (result === undefined) return { json: null };
    if (result.length <= MAX_RESULT_LENGTH) return { json: result };
    return { fault: `the result is longer than ${MAX_RESULT_LENGTH} characters` };
  } catch (error) {
    return { fault: jsonataMessage(error) };
  }
}
