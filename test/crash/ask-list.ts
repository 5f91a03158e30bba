import type { Asked } from './evidence.ts';
import type { SeededIteration } from './iterations.ts';

/** Every rename that a client wants, listed before its first request is sent. */
export interface AskList {
  readonly asked: readonly Asked[];
  /** With a unique name, unless `wants` gives one. */
  readonly ask: (
    iteration: SeededIteration,
    wants?: Partial<Omit<Asked, 'projectId' | 'iterationId' | 'attempts'>>,
  ) => Asked;
}

export function createAskList(): AskList {
  const asked: Asked[] = [];
  return {
    asked,
    ask({ projectId, iterationId }, wants = {}) {
      const usual = { by: 'caller', key: null, name: `name ${asked.length + 1}` } as const;
      const one: Asked = { ...usual, ...wants, projectId, iterationId, attempts: [] };
      asked.push(one);
      return one;
    },
  };
}
