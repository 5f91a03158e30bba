import jsonata from 'jsonata';
import type { EvaluateInProcess } from './evaluator-process.ts';
import { jsonataMessage } from './jsonata-message.ts';

/** What an operator wrote to make a rename of something else. Throws an `ExpressionError` where it cannot be evaluated. */
export type Evaluate = (input: unknown, bindings?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The message says what went wrong at which place, for the person who wrote the expression or sends what it reads. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Why a text is no JSONata expression; null where it is one. */
export function expressionFault(text: string): string | null {
  try {
    jsonata(text);
    return null;
  } catch (error) {
    return `is no JSONata expression: ${jsonataMessage(error)}`;
  }
}

/** A JSONata expression, to be evaluated within bounds of time, depth and size. Its results are plain JSON values; undefined where it yields nothing. */
export function createExpression(text: string, evaluateInProcess: EvaluateInProcess): Evaluate {
  return async function evaluate(input, bindings = {}) {
    const report = await evaluateInProcess({ text, json: toJson({ input, bindings }) });
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
    throw new ExpressionError('what is delivered is nested too deeply', { cause: error });
  }
}
