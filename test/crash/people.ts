import type { CustomVision } from '../stack/custom-vision.ts';
import type { SeededIteration } from './iterations.ts';
import type { Recorder } from './recorder.ts';

/** People in the portal: they change iterations behind the product's back. */
export interface People {
  /** Without a name, something else than the name is changed. */
  readonly edit: (iteration: SeededIteration, name?: string) => void;
  /** As soon as the upstream has next taken a name for this iteration, before it answers. */
  readonly editAfterEffect: (iteration: SeededIteration, name?: string) => void;
}

export function createPeople({
  customVision,
  recorder,
}: {
  readonly customVision: Pick<CustomVision, 'iteration' | 'setName'>;
  readonly recorder: Recorder;
}): People {
  const waiting = new Map<string, () => void>();
  recorder.onEffect = ({ iterationId }) => {
    const act = waiting.get(iterationId);
    waiting.delete(iterationId);
    act?.();
  };
  return { edit, editAfterEffect };

  function edit({ projectId, iterationId }: SeededIteration, name?: string): void {
    const shown = name ?? customVision.iteration(projectId, iterationId)?.name;
    if (shown === undefined) throw new Error(`there is no iteration ${iterationId}`);
    customVision.setName(projectId, iterationId, shown);
    recorder.recordEdit({ projectId, iterationId, shown });
  }

  function editAfterEffect(iteration: SeededIteration, name?: string): void {
    waiting.set(iteration.iterationId, () => edit(iteration, name));
  }
}
