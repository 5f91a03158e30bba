/**
 * Why an expression was not evaluated, through no fault of its input. `over_bounds`: it needs more time,
 * memory or room than it is given. `line_full`: too many evaluations of its source wait. `evaluator_down`:
 * the process that evaluates ended, or does not start.
 */
export type EvaluationErrorCode = 'over_bounds' | 'line_full' | 'evaluator_down';

/** A later try may succeed: nothing is known about the input. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly code: EvaluationErrorCode;

  constructor(code: EvaluationErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
