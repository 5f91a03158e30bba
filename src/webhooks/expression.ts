import { createContext, Script } from 'node:vm';
import jsonata from 'jsonata';

/** What an operator wrote to make a rename of something else. Throws an `ExpressionError` where it cannot be evaluated. */
export type Evaluate = (input: unknown, bindings?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The message says what went wrong at which place, for the person who wrote the expression or sends what it reads. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TIMEOUT_MS = 250;
const MAX_DEPTH = 200;
const MAX_SEQUENCE_LENGTH = 10_000;
/** One regular expression on one text; only this can stop one that backtracks without end. */
const REGEX_TIMEOUT_MS = 50;
const MAX_RESULT_LENGTH = 8192;

/** Why a text is no JSONata expression; null where it is one. */
export function expressionFault(text: string): string | null {
  try {
    jsonata(text);
    return null;
  } catch (error) {
    return `is no JSONata expression: ${messageOf(error)}`;
  }
}

/** Compiles a JSONata expression, to be evaluated within bounds of time, depth and size. Its results are plain JSON values; undefined where it yields nothing. */
export function createExpression(text: string): Evaluate {
  const expression = jsonata(text, {
    timeout: TIMEOUT_MS,
    stack: MAX_DEPTH,
    sequence: MAX_SEQUENCE_LENGTH,
    RegexEngine: boundedRegExp,
  });
  return async function evaluate(input, bindings = {}) {
    let json: string | undefined;
    try {
      json = JSON.stringify(await expression.evaluate(input, { ...bindings }));
    } catch (error) {
      throw new ExpressionError(messageOf(error), { cause: error });
    }
    if (json === undefined) return undefined;
    if (json.length > MAX_RESULT_LENGTH) {
      throw new ExpressionError(`the result is longer than ${MAX_RESULT_LENGTH} characters`);
    }
    const result: unknown = JSON.parse(json);
    return result;
  };
}

const sandbox = createContext({ match: null });
const runMatch = new Script('match()');

/** Makes regular expressions whose matching gives up in time. */
const boundedRegExp = new Proxy(RegExp, {
  construct(target, parameters, newTarget) {
    const regExp: RegExp = Reflect.construct(target, parameters, newTarget);
    const exec = regExp.exec.bind(regExp);
    return Object.assign(regExp, {
      exec(text: string) {
        let matched: RegExpExecArray | null = null;
        sandbox['match'] = () => {
          matched = exec(text);
        };
        runMatch.runInContext(sandbox, { timeout: REGEX_TIMEOUT_MS });
        return matched;
      },
    });
  },
});

/** JSONata throws plain objects as well as errors. */
function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'it failed';
  return message.slice(0, 200).toWellFormed();
}
