import type { CustomVision } from '../stack/custom-vision.ts';

export interface SeededIteration {
  readonly projectId: string;
  readonly iterationId: string;
}

export interface SeededIterations {
  readonly all: readonly [SeededIteration, ...SeededIteration[]];
  /** An iteration of each project has this name, so that Custom Vision refuses it to any other. */
  readonly takenName: string;
}

const TAKEN_NAME = 'a name that is taken';

/**
 * Few projects, because a sweep reads each of them; many iterations, so that a leased one blocks few clients.
 */
export function seedIterations(
  customVision: Pick<CustomVision, 'addProject' | 'addIteration'>,
  { projects, iterationsOfEach }: { projects: number; iterationsOfEach: number },
): SeededIterations {
  const all = Array.from({ length: projects }, () => {
    const projectId = customVision.addProject({ iterations: [{ name: TAKEN_NAME }] });
    return Array.from({ length: iterationsOfEach }, (_, index) => ({
      projectId,
      iterationId: customVision.addIteration(projectId, { name: `Iteration ${index + 1}` }).id,
    }));
  }).flat();
  const [first, ...others] = all;
  if (first === undefined) throw new Error('there must be at least one iteration');
  return { all: [first, ...others], takenName: TAKEN_NAME };
}
