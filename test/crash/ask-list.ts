import type { Asked } from './evidence.ts';
import type { SeededIteration } from './iterations.ts';

/** Everything that was asked for, written down before anybody hears of it. */
export interface AskList {
  readonly asked: readonly Asked[];
  /** Under a name that nobody else asks for, unless another is given. */
  readonly ask: (iteration: SeededIteration, wants?: Partial<Pick<Asked, 'by' | 'key' | 'name'>>) => Asked;
}

export function createAskList(): AskList {
  const asked: Asked[] = [];
  return {
    asked,
    ask({ projectId, iterationId }, { by = 'caller', key = null, name = `name ${asked.length + 1}` } = {}) {
      const one = { by, projectId, iterationId, name, key, attempts: [] };
      asked.push(one);
      return one;
    },
  };
}
