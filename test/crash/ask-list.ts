import type { Asked } from './evidence.ts';
import type { SeededIteration } from './iterations.ts';

/** Every rename that a client wants, listed before its first request is sent. */
export interface AskList {
  readonly asked: readonly Asked[];
  /** With a unique name, unless `wants` gives one. */
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
