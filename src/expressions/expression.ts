import jsonata from 'jsonata';
import type { EvaluatorPool } from './evaluator-pool.ts';
import { jsonataMessage } from './jsonata-message.ts';

/**
 * Evaluates an operator's expression on untrusted input. Throws an `ExpressionError` or an `EvaluationError`.
 */
export type Evaluate = (input: unknown, bindings?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The expression fails on this input. The message is for its author, or the sender of its input. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Why `text` is not a JSONata expression; null when it is one. */
export function expressionFault(text: string): string | null {
  try {
    jsonata(text);
    return null;
  } catch (error) {
    return `is not a JSONata expression: ${jsonataMessage(error)}`;
  }
}

/**
 * A JSONata expression with bounded time, depth and size. `source` has a fair share of the evaluations.
 * Results are plain JSON values, or undefined for no result.
 */
export function createExpression(
  source: string,
  text: string,
  evaluator: Pick<EvaluatorPool, 'evaluate'>,
): Evaluate {
  return async function evaluate(input, bindings = {}) {
    const report = await evaluator.evaluate(source, { text, json: toJson({ input, bindings }) });
    if ('fault' in report) throw new ExpressionError(report.fault);
    if (report.json === null) return undefined;
    const result: unknown = JSON.parse(report.json);
    return result;
  };
}

function toJson(input: object): string {
  try {
    return JSON.stringify(input);
  } catch (error) {
    throw new ExpressionError('the delivery is nested too deeply', { cause: error });
  }
}
