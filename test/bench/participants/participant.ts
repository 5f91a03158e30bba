/** What a participant is told; each uses what it needs. */
export interface Course {
  readonly upstream: string;
  readonly trainingKey: string;
  readonly storage: string;
  readonly projectId: string;
  readonly iterationIds: readonly string[];
  /** Of the function app, the reverse proxy, or whatever stands in front. */
  readonly front: { readonly url: string; readonly headers: Record<string, string> } | null;
}

/** Renames one iteration; rejects where that did not work. */
export type Rename = (iterationId: string, name: string) => Promise<void>;

export interface Participant {
  createRename(course: Course): Promise<Rename>;
}

export function iterationPath(projectId: string, iterationId: string): string {
  return `/customvision/v3.2/training/projects/${projectId}/iterations/${iterationId}`;
}
