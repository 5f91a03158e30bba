/** What a look-up asks for. Ids are UUIDs in lower case. */
export type LookUpTarget =
  | { readonly of: 'projects' }
  | { readonly of: 'project' | 'iterations'; readonly projectId: string }
  | { readonly of: 'iteration'; readonly projectId: string; readonly iterationId: string };

/** The parts of its address below `projects`. */
export function pathOf(target: LookUpTarget): readonly string[] {
  switch (target.of) {
    case 'projects':
      return [];
    case 'project':
      return [target.projectId];
    case 'iterations':
      return [target.projectId, 'iterations'];
    case 'iteration':
      return [target.projectId, 'iterations', target.iterationId];
  }
}
