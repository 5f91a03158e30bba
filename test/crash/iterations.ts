import type { CustomVision } from '../stack/custom-vision.ts';

export interface SeededIteration {
  readonly projectId: string;
  readonly iterationId: string;
}

/** An iteration with its name at the start. */
export interface NamedIteration extends SeededIteration {
  readonly name: string;
}

export interface SeededIterations {
  readonly all: readonly [NamedIteration, ...NamedIteration[]];
  /** An iteration of each project has this name, so that Custom Vision refuses it to any other. */
  readonly takenName: string;
}

export const TAKEN_NAME = 'a name that is taken';

/**
 * Few projects, because a sweep reads each of them; many iterations, so that a leased one blocks few clients.
 */
export function seedIterations(
  customVision: Pick<CustomVision, 'addProject' | 'addIteration'>,
  { projects, iterationsOfEach }: { projects: number; iterationsOfEach: number },
): SeededIterations {
  const all = Array.from({ length: projects }, () => {
    const projectId = customVision.addProject({ iterations: [{ name: TAKEN_NAME }] });
    return Array.from({ length: iterationsOfEach }, (_, index) => {
      const { id: iterationId, name } = customVision.addIteration(projectId, {
        name: `Iteration ${index + 1}`,
      });
      return { projectId, iterationId, name };
    });
  }).flat();
  const [first, ...others] = all;
  if (first === undefined) throw new Error('there must be at least one iteration');
  return { all: [first, ...others], takenName: TAKEN_NAME };
}

/** The form in which Custom Vision writes names here. */
export function withSingleSpaces(name: string): string {
  return name.replaceAll(/\s+/g, ' ').trim();
}
