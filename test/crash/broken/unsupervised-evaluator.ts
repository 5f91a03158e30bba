import {
  type EvaluatorProcess,
  startEvaluatorProcess as startSoundly,
} from '../../../src/expressions/evaluator-process.ts';

/** Broken: hears the end of the process only during an evaluation. */
export async function startEvaluatorProcess(onLost: (reason: string) => void): Promise<EvaluatorProcess> {
  const evaluator = await startSoundly(onLost);
  const { promise: never } = Promise.withResolvers<null>();
  return {
    hasEnded: () => false,
    evaluate: (request) => (evaluator.hasEnded() ? never : evaluator.evaluate(request)),
  };
}
