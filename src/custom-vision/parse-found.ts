import { iteration as isIteration, project as isProject } from '#validators';
import { tryParseJson } from '../json/try-parse-json.ts';
import type { Iteration } from './iteration.schema.ts';
import type { LookUpTarget } from './look-up-target.ts';
import type { Project } from './project.schema.ts';

/** What a look-up found, as the service shows it. */
export type Found =
  | { readonly model: 'Project'; readonly found: Project | readonly Project[] }
  | { readonly model: 'Iteration'; readonly found: Iteration | readonly Iteration[] };

/** Null where the body of a 200 is not what was asked for, or not only that. */
export function parseFound(text: string | null, target: LookUpTarget): Found | null {
  const body = tryParseJson(text ?? '');
  switch (target.of) {
    case 'projects':
      return isListOf(body, isProject) ? { model: 'Project', found: body } : null;
    case 'project':
      return isProject(body) && isSameId(body.id, target.projectId)
        ? { model: 'Project', found: body }
        : null;
    case 'iterations': {
      const isAsked = (item: unknown): item is Iteration => isIterationOf(item, target.projectId);
      return isListOf(body, isAsked) ? { model: 'Iteration', found: body } : null;
    }
    case 'iteration':
      return isIterationOf(body, target.projectId) && isSameId(body.id, target.iterationId)
        ? { model: 'Iteration', found: body }
        : null;
  }
}

/** What was found, without the projects of a list that are not to be shown. */
export function keepProjects(result: Found, isShown: (projectId: string) => boolean): Found {
  if (result.model !== 'Project' || !isList(result.found)) return result;
  return { model: 'Project', found: result.found.filter(({ id }) => isShown(id.toLowerCase())) };
}

/** `Array.isArray` does not narrow a list that is read-only. */
export function isList<T extends object>(found: T | readonly T[]): found is readonly T[] {
  return Array.isArray(found);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isIterationOf(value: unknown, projectId: string): value is Iteration {
  return isIteration(value) && (typeof value.projectId !== 'string' || isSameId(value.projectId, projectId));
}

function isSameId(id: string, askedId: string): boolean {
  return id.toLowerCase() === askedId;
}
